// What the dynamic resources do, through the Docker API on the local socket.
"use strict";

const crypto = require("crypto");
const { isDeepStrictEqual } = require("util");
const Docker = require("dockerode");

const docker = new Docker({ socketPath: "/var/run/docker.sock" });
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
const labels = inputs => ({ ...inputs.labels, "lab.logical-name": inputs.logicalName });

const kinds = {
    Network: {
        handle: id => docker.getNetwork(id),
        create: async (name, inputs) =>
            (await docker.createNetwork({ Name: name, Driver: "overlay", Labels: labels(inputs), CheckDuplicate: true })).id,
    },
    Volume: {
        handle: id => docker.getVolume(id),
        create: async (name, inputs) => (await docker.createVolume({ Name: name, Labels: labels(inputs) })).name ?? name,
    },
    Config: {
        handle: id => docker.getConfig(id),
        create: async (name, inputs) =>
            (await docker.createConfig({ Name: name, Labels: labels(inputs), Data: Buffer.from(inputs.data).toString("base64") })).id,
    },
    Service: {
        handle: id => docker.getService(id),
        create: async (name, inputs) => (await docker.createService(inputs.auth, serviceSpec(name, inputs))).id,
    },
};

function serviceSpec(name, inputs) {
    return {
        Name: name,
        Labels: labels(inputs),
        TaskTemplate: {
            ContainerSpec: {
                Image: inputs.image,
                Command: inputs.command,
                Mounts: inputs.mounts,
                Configs: (inputs.configs ?? []).map(config => ({
                    ConfigID: config.id,
                    ConfigName: config.name,
                    File: { Name: config.path, UID: "0", GID: "0", Mode: 0o444 },
                })),
                StopGracePeriod: 1e9,
            },
            Networks: inputs.networks.map(network => ({ Target: network })),
        },
        Mode: { Replicated: { Replicas: 1 } },
        // Virtual addresses and the ingress network need IPVS, which many kernels lack.
        EndpointSpec: {
            Mode: "dnsrr",
            Ports: (inputs.ports ?? []).map(port => (
                { Protocol: "tcp", PublishMode: "host", PublishedPort: port, TargetPort: port })),
        },
    };
}

async function create(kind, inputs) {
    const name = inputs.name ?? `${inputs.logicalName}-${crypto.randomBytes(4).toString("hex").slice(0, 7)}`;
    // Half before and half after, so that a kill can land on either side of the call.
    await pause(inputs.pauseMs / 2);
    const id = await kinds[kind].create(name, inputs);
    await pause(inputs.pauseMs / 2);
    return { id, outs: { ...inputs, name } };
}

async function read(kind, id, props) {
    try {
        await kinds[kind].handle(id).inspect();
    } catch (error) {
        if (error.statusCode === 404) {
            return {};
        }
        throw error;
    }
    return { id, props };
}

// What a resource is made of: neither how long it takes, nor the name when the resource made it up itself.
function substance(inputs, named) {
    const { pauseMs, __provider, name, ...rest } = inputs;
    return named ? { ...rest, name } : rest;
}

async function diff(kind, olds, news) {
    const named = news.name !== undefined;
    const changes = !isDeepStrictEqual(substance(olds, named), substance(news, named));
    const inPlace = kind === "Service" && (!named || olds.name === news.name);
    return { changes, replaces: changes && !inPlace ? ["logicalName"] : [], deleteBeforeReplace: named };
}

async function update(kind, id, olds, news) {
    const service = kinds[kind].handle(id);
    const current = await service.inspect();
    await pause(news.pauseMs);
    await service.update(news.auth, { version: current.Version.Index, ...serviceSpec(olds.name, news) });
    return { outs: { ...news, name: olds.name } };
}

async function remove(kind, id, props) {
    await pause(props.pauseMs);
    // A network or volume stays in use until the tasks of its service have gone.
    for (let attempt = 1; ; attempt++) {
        try {
            return await kinds[kind].handle(id).remove();
        } catch (error) {
            if (error.statusCode === 404) {
                return undefined;
            }
            if (attempt === 40 || !/in use|active endpoints/.test(error.message)) {
                throw error;
            }
            await pause(500);
        }
    }
}

module.exports = { create, read, diff, update, remove };
