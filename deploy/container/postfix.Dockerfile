# A Postfix that gives every outgoing mail to the gateway, after its queue (LMTP).
# Made of the same files as an installation by hand: deploy/postfix.
FROM docker.io/library/debian:trixie-slim
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update \
 && apt-get install -y --no-install-recommends postfix ca-certificates \
 && rm -rf /var/lib/apt/lists/*
COPY deploy/postfix /usr/share/vaguemestre/postfix
COPY deploy/container/postfix-start /usr/local/sbin/postfix-start
EXPOSE 25
CMD ["/usr/local/sbin/postfix-start"]
