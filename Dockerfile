# Cogreel as an image: the bot alone, without demo, emulator, playground and tests.
# What is in it under which licence: docs/licences.md

FROM python:3.13-slim AS build
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never \
    UV_PROJECT_ENVIRONMENT=/app/.venv
RUN pip install --no-cache-dir "uv>=0.9,<1"
WORKDIR /app
COPY pyproject.toml uv.lock ./
# Wheels only: nothing is compiled, so no compiler is needed here either.
RUN uv sync --locked --no-dev --no-build
COPY bot bot
COPY cogs cogs
COPY locale locale
COPY media media
COPY providers providers
COPY storage storage
RUN python -m compileall -q bot cogs media providers storage

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Cogreel" \
    org.opencontainers.image.description="A self-hosted Discord bot with which a community makes AI videos." \
    org.opencontainers.image.licenses="MIT AND GPL-3.0-or-later"
# For names and words that Pillow's own font has no letters for: media/fonts.py
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-dejavu-core fonts-droid-fallback \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 cogreel \
    && useradd --system --uid 10001 --gid 10001 --home-dir /state --no-create-home --shell /usr/sbin/nologin cogreel \
    && install --directory --owner=10001 --group=10001 --mode=0700 /state
COPY --from=build /app /app
COPY LICENSE docs/licences.md /app/
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    COGREEL_STATE_DIR=/state
WORKDIR /app
USER 10001:10001
VOLUME /state
STOPSIGNAL SIGTERM
# A part that is ill for a minute and a half: /healthz answers 503 then, which urlopen raises.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('COGREEL_HEALTH_PORT', '8138') + '/healthz', timeout=8)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
