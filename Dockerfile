# A static binary, certificates and an empty /data: no shell, no user but 65532.
FROM golang:1.26 AS builder
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG REVISION=
ARG BRANCH=
ARG DATE=
RUN make build BINARY=/out/downstatus_exporter REVISION="$REVISION" BRANCH="$BRANCH" DATE="$DATE" \
	&& mkdir /out/data

FROM scratch
LABEL org.opencontainers.image.title="downstatus_exporter" \
	org.opencontainers.image.source="https://github.com/downstatus/downstatus_exporter" \
	org.opencontainers.image.licenses="Apache-2.0"
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=builder /out/downstatus_exporter /downstatus_exporter
COPY --from=builder --chown=65532:65532 /out/data /data
USER 65532:65532
# The default of --storage.path is data, below this: a command line of one's
# own keeps its store in the volume too.
WORKDIR /
# There is no other folder that can be written.
ENV TMPDIR=/data
VOLUME /data
EXPOSE 10980
HEALTHCHECK --interval=30s --timeout=6s --start-period=70s CMD ["/downstatus_exporter", "healthcheck"]
ENTRYPOINT ["/downstatus_exporter"]
CMD ["--storage.path=/data"]
