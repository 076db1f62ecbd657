# Caddy with the latch in it, on the official images. From a checkout: docker build -f xcaddy.Dockerfile -t botlatch .
ARG CADDY_VERSION=2.11.9

FROM caddy:${CADDY_VERSION}-builder AS builder
ARG CADDY_VERSION
COPY . /src
RUN xcaddy build v${CADDY_VERSION} --output /usr/bin/caddy \
	--with github.com/botlatch/botlatch/caddymodule \
	--replace github.com/botlatch/botlatch=/src

FROM caddy:${CADDY_VERSION}
COPY --from=builder /usr/bin/caddy /usr/bin/caddy
