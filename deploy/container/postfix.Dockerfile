# A Postfix that gives every outgoing mail to the gateway, after its queue (LMTP).
# Made of the same files as an installation by hand: deploy/postfix.
FROM docker.io/library/debian:trixie-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postfix ca-certificates \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin \
 && cp -a /etc/postfix /usr/share/postfix-etc \
 && cp -a /var/lib/postfix /usr/share/postfix-lib
COPY deploy/postfix /usr/share/vaguemestre/postfix
COPY --chmod=755 deploy/container/postfix-start /usr/local/sbin/postfix-start
EXPOSE 25
CMD ["/usr/local/sbin/postfix-start"]
