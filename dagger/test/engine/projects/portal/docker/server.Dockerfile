FROM python:3.13-slim
WORKDIR /srv
COPY server/requirements.txt ./
RUN python -m venv .venv && .venv/bin/pip install -r requirements.txt
COPY shared/greetings.json ./
COPY server/portal portal
USER 1000
ENV GREETINGS=/srv/greetings.json
CMD [".venv/bin/uvicorn", "portal.app:app", "--host=0.0.0.0", "--port=7860"]
ARG COMMIT
ENV COMMIT=$COMMIT
