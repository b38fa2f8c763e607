# The gateway in one image. Built for real by any OCI builder; Debian's Python, pinned wheels.
FROM docker.io/library/debian:trixie-slim AS build
ENV DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-venv \
 && python3 -m venv /opt/vaguemestre
COPY requirements.txt /src/
RUN /opt/vaguemestre/bin/pip install -q --require-hashes -r /src/requirements.txt
COPY pyproject.toml README.md LICENSE /src/
COPY gateway /src/gateway
RUN /opt/vaguemestre/bin/pip install -q --no-deps /src

FROM docker.io/library/debian:trixie-slim
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 libmagic1 ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 990 --home-dir /var/lib/vaguemestre --create-home vaguemestre
COPY --from=build /opt/vaguemestre /opt/vaguemestre
COPY rules /usr/share/vaguemestre/rules
COPY deploy/container/gateway.yaml /etc/vaguemestre/gateway.yaml
ENV PATH=/opt/vaguemestre/bin:$PATH PYTHONUNBUFFERED=1
USER vaguemestre
WORKDIR /var/lib/vaguemestre
VOLUME /var/lib/vaguemestre
EXPOSE 10024 10025 9825
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD \
  ["python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9825/readyz', timeout=4)"]
ENTRYPOINT ["vaguemestre"]
CMD ["serve", "--config", "/etc/vaguemestre/gateway.yaml"]
