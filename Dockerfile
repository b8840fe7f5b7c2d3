# The one image of operator, agents and jobs. `make image` builds it; `make image-rootfs` lays out the same files
# where there is no builder. Both stages run the same Node, or V8 would refuse the compiled code.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --loglevel=error
COPY LICENSE tsconfig.json ./
COPY scripts scripts
COPY src src
# Without Go, etcdutl comes from etcd's official releases, compared with their published checksums.
ARG SOURCE_DATE_EPOCH=0
RUN node scripts/bundle.ts && SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} node scripts/lay-out-image.ts /image

FROM node:${NODE_VERSION}-slim
LABEL org.opencontainers.image.title="quorate" \
      org.opencontainers.image.description="An etcd that organises itself on Kubernetes: operator and agent" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/ /
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node", "/app/bin/quorate.cjs"]
