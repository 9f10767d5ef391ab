#!/usr/bin/env node
// Starts the program of the package for this system, which npm installed as an optional dependency of this one.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");

/** Ends as bad usage does, which no run does. */
const CANNOT_START = 2;

function fail(fact, remedy) {
  process.stderr.write(`leora-run: ${fact}\n  ${remedy}\n`);
  process.exit(CANNOT_START);
}

/** Whether the C library of this system is glibc, by what Node.js itself runs on. */
function hasGlibc() {
  process.report.excludeNetwork = true;
  return Boolean(process.report.getReport().header.glibcVersionRuntime);
}

function platform() {
  const system = `${process.platform}-${process.arch}`;
  if (process.platform !== "linux") return system;
  return `${system}-${hasGlibc() ? "gnu" : "musl"}`;
}

function program() {
  const name = `@leora-run/${platform()}`;
  if (!(name in require("../package.json").optionalDependencies)) {
    fail(
      `there is no program for ${platform()}`,
      "it is there for Linux and macOS on x64 and arm64; on Windows, use it in WSL",
    );
  }
  try {
    return require.resolve(`${name}/bin/leora-run`);
  } catch {
    fail(
      `the package ${name}, which has the program for this system, is not installed`,
      "install again, with optional dependencies: npm install --include=optional leora-run\n" +
        "  (node_modules that were copied from another system have the program of that one)",
    );
  }
}

const file = program();
const child = spawn(file, process.argv.slice(2), { stdio: "inherit" });

child.on("error", (error) => {
  fail(`${file} can't be started: ${error.message}`, "remove node_modules, and install again");
});

// It decides what a signal means, and a run that is interrupted is rolled back. This process ends when it has ended.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}

child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Where the signal does not end this process, its number does.
  process.exitCode = 128 + constants.signals[signal];
});
