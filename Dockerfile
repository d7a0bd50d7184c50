# The image of web, worker and beat: no compilers, no test tools, no root.

FROM node:22-slim AS frontend
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/build.mjs ./
COPY static /app/static
RUN node build.mjs

FROM python:3.13-slim AS build
ENV PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements.production.lock ./
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.production.lock
WORKDIR /app
COPY . .
COPY --from=frontend /app/static/vendor static/vendor
# The settings make a key of their own here, in a folder that stays behind in this stage.
RUN /venv/bin/pybabel --quiet compile --domain django --directory locale \
    && VAR_DIR=/tmp/var /venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.13-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin terugkeer \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/terugkeer
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ENVIRONMENT=production \
    VAR_DIR=/var/lib/terugkeer
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "scripts/healthcheck.py"]
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--log-level", "warning"]
