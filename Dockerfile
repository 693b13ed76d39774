# Two stages: the wheel with the pages inside, then a small image that runs it without root.
FROM python:3.12-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels ".[environments,postgres]"

FROM python:3.12-slim-bookworm
# bubblewrap isolates what flows run, slirp4netns their network; git is what the studio versions folders with.
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap git slirp4netns \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 pfstudio \
    && install -d -o pfstudio -g pfstudio /data
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links /wheels "pfstudio[environments,postgres]" && rm -rf /wheels
USER pfstudio
ENV PFSTUDIO_DATA=/data PFSTUDIO_HOST=0.0.0.0 PFSTUDIO_PORT=8010
VOLUME /data
EXPOSE 8010
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8010/api/health', timeout=2)"]
CMD ["pfstudio", "serve"]
