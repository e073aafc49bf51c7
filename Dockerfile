# Tidemark as an image: one stage installs, the other one runs, without the installer's leftovers.
FROM python:3.11.14-slim-bookworm AS build
RUN python -m venv /opt/tidemark
WORKDIR /source
# The pins first: they change less often than the code, so this layer is mostly reused.
COPY requirements.lock .
RUN /opt/tidemark/bin/pip install --no-cache-dir --requirement requirements.lock
COPY . .
RUN /opt/tidemark/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11.14-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /var/lib/tidemark tidemark
COPY --from=build /opt/tidemark /opt/tidemark
ENV PATH=/opt/tidemark/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /var/lib/tidemark
EXPOSE 9108 9109
ENTRYPOINT ["tidemark"]
# Inside a container loopback reaches nobody; who may call is said where the port is published.
CMD ["run", "--listen", "0.0.0.0"]
