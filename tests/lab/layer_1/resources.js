// Dynamic resources for networks, volumes, configs and services of a Swarm. The work itself is in docker.js.
"use strict";

const pulumi = require("@pulumi/pulumi");

// The engine keeps a provider as source text, so it captures nothing but the kind and finds docker.js when it runs.
function provider(kind) {
    return {
        create: async inputs => require(require("path").resolve("docker.js")).create(kind, inputs),
        read: async (id, props) => require(require("path").resolve("docker.js")).read(kind, id, props),
        diff: async (id, olds, news) => require(require("path").resolve("docker.js")).diff(kind, olds, news),
        update: async (id, olds, news) => require(require("path").resolve("docker.js")).update(kind, id, olds, news),
        delete: async (id, props) => require(require("path").resolve("docker.js")).remove(kind, id, props),
    };
}

class Component extends pulumi.ComponentResource {
    constructor(type, name, options) {
        super(type, name, {}, options);
        this.registerOutputs();
    }
}

class DockerResource extends pulumi.dynamic.Resource {
    constructor(kind, name, inputs, options) {
        // Without a name of its own a resource is called after its logical name and seven random digits.
        super(provider(kind), name, { name: undefined, ...inputs, logicalName: name }, options, "docker", kind);
    }
}

const resourceClass = kind => class extends DockerResource {
    constructor(name, inputs, options) {
        super(kind, name, inputs, options);
    }
};

module.exports = {
    Component,
    Network: resourceClass("Network"),
    Volume: resourceClass("Volume"),
    Config: resourceClass("Config"),
    Service: resourceClass("Service"),
};
