// Layer 1 for the lab: the names, configuration keys, secrets, outputs and tree of the real one, on images of the lab.
"use strict";

const pulumi = require("@pulumi/pulumi");
const { Component, Config, Network, Service, Volume } = require("./resources");

const config = new pulumi.Config();
const hostname = config.get("hostname") ?? "spr.ocket.cloud";
// Two keys of the lab alone: another image for Vault (a fault that can be mended), and how long each call takes.
const vaultImage = config.get("lab-image") ?? "lab/web:1";
const pauseMs = config.getNumber("lab-pause-ms") ?? 500;

const auth = { username: config.require("docker-username"), password: config.requireSecret("docker-access-token") };

const traefik = new Component("SprocketBot:Services:Traefik", "traefik");
const ingress = new Network("traefik-network", { name: "traefik-ingress", pauseMs }, { parent: traefik });

const socketProxy = new Component("SprocketBot:Utilities:SocketProxy", "traefik-socket-sock-proxy", { parent: traefik });
const proxyNetwork = new Network("traefik-socket-proxy-network", { pauseMs }, { parent: socketProxy });
const proxyService = new Service("traefik-socket-proxy-service", {
    name: "traefik-socket-sock-proxy",
    image: "lab/socket-proxy:1",
    networks: [proxyNetwork.id],
    mounts: [{ Type: "bind", Source: "/var/run/docker.sock", Target: "/var/run/docker.sock", ReadOnly: true }],
    pauseMs,
}, { parent: socketProxy });

const traefikConfig = new Config("traefik-config", {
    data: proxyService.name.apply(proxy => JSON.stringify({
        entryPoints: { web: { address: ":80" }, websecure: { address: ":443" } },
        providers: { swarm: { endpoint: `tcp://${proxy}:2375`, exposedByDefault: false, refreshSeconds: 2, network: "traefik-ingress" } },
        log: { level: "INFO" },
    })),
    pauseMs,
}, { parent: traefik });
const traefikData = new Volume("traefik-data", { pauseMs }, { parent: traefik });
new Service("traefik", {
    image: "lab/traefik:1",
    command: ["/traefik", "--configfile=/traefik.yaml"],
    networks: [ingress.id, proxyNetwork.id],
    configs: [{ id: traefikConfig.id, name: traefikConfig.name, path: "/traefik.yaml" }],
    mounts: [{ Type: "volume", Source: traefikData.name, Target: "/data" }],
    ports: [80, 443],
    pauseMs,
}, { parent: traefik });

const forwardAuth = new Component("SprocketBot:Services:Traefik:DiscordForwardAuth", "traefik-fa", { parent: traefik });
const forwardAuthConfig = new Config("traefik-fa-config", {
    data: pulumi.interpolate`client-secret: ${config.requireSecret("discord-fa-client-secret")}\n`,
    pauseMs,
}, { parent: forwardAuth });
new Service("traefik-fa-service", {
    image: "lab/web:1",
    auth,
    labels: router("fa", "fa.spr.ocket.cloud", 8200),
    networks: [ingress.id],
    configs: [{ id: forwardAuthConfig.id, name: forwardAuthConfig.name, path: "/app/config.yaml" }],
    pauseMs,
}, { parent: forwardAuth });

const vault = new Component("SprocketBot:Services:Vault", "vault");
const vaultNetwork = new Network("vault-network", { pauseMs }, { parent: vault });
const vaultConfig = new Config("vault-config", {
    data: pulumi.jsonStringify({
        storage: {
            s3: {
                endpoint: config.require("vault-s3-endpoint"),
                bucket: config.require("vault-s3-bucket"),
                access_key: config.requireSecret("vault-s3-access-key"),
                secret_key: config.requireSecret("vault-s3-secret-key"),
            },
        },
    }),
    pauseMs,
}, { parent: vault });
new Service("vault-service", {
    name: "vault",
    image: vaultImage,
    labels: router("vault", `vault.${hostname}`, 8200),
    networks: [ingress.id, vaultNetwork.id],
    configs: [{ id: vaultConfig.id, name: vaultConfig.name, path: "/vault.hcl" }],
    pauseMs,
}, { parent: vault });

exports.IngressNetwork = ingress.id;
exports.VaultAddress = `http://vault.${hostname}`;
exports.VaultNetwork = vaultNetwork.id;

function router(name, host, port) {
    return {
        "traefik.enable": "true",
        [`traefik.http.routers.${name}.rule`]: `Host(\`${host}\`)`,
        [`traefik.http.services.${name}.loadbalancer.server.port`]: String(port),
    };
}
