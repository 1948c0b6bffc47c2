# syntax=docker/dockerfile:1
# The image holds Baileys with libsignal and gramjs with @cryptography/aes (GPL-3.0): an image that you pass on is under GPL-3.0 terms. See NOTICE.

FROM node:20-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# The lock file first: the layer with the compiled SQLite is kept until a dependency changes.
COPY package.json package-lock.json ./
# Not `npm ci`: it refuses a lock file that leaves out the development tools of other platforms. Versions are the locked ones all the same.
RUN npm install --ignore-scripts --no-audit --no-fund && npm rebuild better-sqlite3
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY connectors ./connectors
RUN npm run build \
 && chmod 0755 dist/src/main.js \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src node_modules/better-sqlite3/build/Release/obj*

FROM node:20-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10001 bellhop \
 && useradd --system --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin bellhop \
 && install -d -o bellhop -g bellhop -m 0700 /data
WORKDIR /data
COPY --from=build /app/package.json /app/
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
RUN ln -s /app/dist/src/main.js /usr/local/bin/bellhop
COPY LICENSE NOTICE config.example.yaml /app/
USER bellhop
# Store, vaults, media and config.yaml live under the one volume.
VOLUME /data
ENV NODE_ENV=production \
    BELLHOP_SERVER__HOST=0.0.0.0
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 \
  CMD ["bellhop", "health"]
ENTRYPOINT ["tini", "--", "bellhop"]
CMD ["start"]
