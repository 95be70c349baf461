# One image for every program of the service; which one runs is the command's choice.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY embedded/kit/package.json embedded/kit/
COPY embedded/event-store/package.json embedded/event-store/
COPY embedded/temporal/package.json embedded/temporal/
# Not "npm ci": the lock may lack the optional parts of other platforms, and install keeps every version that it names.
RUN npm install --no-audit --no-fund --loglevel=error
COPY . .
RUN npm run build
# The image brings its own Node; what only builds and tests need stays behind.
RUN npm prune --omit=dev --no-audit --no-fund --loglevel=error \
 && rm -rf node_modules/node node_modules/node-bin-* node_modules/.cache \
 && find embedded -mindepth 2 -maxdepth 2 -not -name dist -not -name node_modules -not -name package.json -exec rm -rf {} +

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    NODE_OPTIONS=--disable-warning=ExperimentalWarning \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/embedded embedded
COPY --from=build /app/dist dist
COPY tools/healthcheck.mjs tools/
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "tools/healthcheck.mjs"]
CMD ["node", "dist/src/entrypoints/all-in-one.js"]
