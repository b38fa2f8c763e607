# The gateway in one image: Debian's Python and pinned wheels. Any OCI builder makes it.
FROM docker.io/library/debian:trixie-slim AS build
ENV DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3-venv python3-pip python3-setuptools \
 && python3 -m venv --without-pip /opt/vaguemestre
COPY requirements.txt requirements-ocr.txt /src/
RUN pip --python /opt/vaguemestre install -q --require-hashes -r /src/requirements.txt \
      -r /src/requirements-ocr.txt
COPY pyproject.toml README.md LICENSE /src/
COPY gateway /src/gateway
# Debian's setuptools builds the wheel, so that nothing without a hash comes from an index.
RUN pip wheel -q --no-deps --no-build-isolation --wheel-dir /wheel /src \
 && pip --python /opt/vaguemestre install -q --no-deps --no-index /wheel/*.whl

FROM docker.io/library/debian:trixie-slim
# tini: process 1 must bury orphans (the readers of a door that was killed) and hear an early SIGTERM.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates fonts-dejavu-core libarchive13t64 libmagic1 python3 tesseract-ocr-fra tini tzdata \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin \
 && useradd --system --user-group --uid 990 --home-dir /var/lib/vaguemestre vaguemestre \
 && install -d -o vaguemestre -g vaguemestre -m 0700 /var/lib/vaguemestre
# Where docker-compose.yml mounts volumes: a new one takes the owner of the folder it covers.
RUN install -d -o vaguemestre -g vaguemestre -m 0750 /config /var/lib/vaguemestre/keys \
      /var/lib/vaguemestre/public /var/lib/vaguemestre/portal \
 && install -d -o vaguemestre -g vaguemestre -m 0755 /run/vaguemestre/database /run/vaguemestre/grafana
COPY --from=build /opt/vaguemestre /opt/vaguemestre
COPY rules /usr/share/vaguemestre/rules
COPY deploy/postfix /usr/share/vaguemestre/postfix
COPY deploy/container/gateway.yaml /etc/vaguemestre/gateway.yaml
COPY --chmod=755 deploy/container/healthcheck deploy/container/first-start deploy/container/sbom \
      /usr/local/bin/
# What the image is made of: podman run --rm --entrypoint cat IMAGE /usr/share/vaguemestre/sbom.cdx.json
RUN sbom >/usr/share/vaguemestre/sbom.cdx.json
ENV PATH=/opt/vaguemestre/bin:$PATH PYTHONUNBUFFERED=1
# By number: Kubernetes' runAsNonRoot does not look names up.
USER 990:990
# Where every command looks for gateway.yaml: `podman exec NAME vaguemestre quarantine list` will do.
WORKDIR /etc/vaguemestre
VOLUME /var/lib/vaguemestre
EXPOSE 8025 8026 10024 10025 9825
# Each door warms a reader first: some seconds, more on a small machine. An OCI image carries no
# health check (docker-compose.yml names it again); Docker's own format does.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["healthcheck"]
ENTRYPOINT ["tini", "--", "vaguemestre"]
CMD ["serve"]
