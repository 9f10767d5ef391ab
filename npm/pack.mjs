// Packs the npm packages from built binaries: the package leora-run, and one for each platform that is given.
//
//     node npm/pack.mjs DIRECTORY [--all] [--repository URL] PLATFORM=BINARY ...
//
// DIRECTORY gets the packed files. The platforms are those of platforms.json, the version is that of Cargo.toml. --all fails unless
// every platform has its binary, so that nothing is published that would lack one.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

const home = path.dirname(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname));
const platforms = JSON.parse(read("npm/platforms.json"));
const cargo = read("Cargo.toml");

function read(file) {
  return fs.readFileSync(path.join(home, file), "utf8");
}

function fail(message) {
  console.error(`pack: ${message}`);
  process.exit(1);
}

/** The value of a key of Cargo.toml that stands in one line. */
function ofCargo(key) {
  const found = cargo.match(new RegExp(`^${key} = "(.*)"$`, "m"));
  return found ? found[1] : fail(`Cargo.toml has no ${key}`);
}

function binaries(given) {
  const found = new Map();
  for (const one of given) {
    const [, platform, binary] = one.match(/^([^=]+)=(.+)$/) ?? fail(`${one} is not PLATFORM=BINARY`);
    if (!(platform in platforms)) fail(`there is no platform ${platform}; there are ${Object.keys(platforms).join(", ")}`);
    if (!fs.statSync(binary, { throwIfNoEntry: false })?.isFile()) fail(`there is no binary ${binary}`);
    found.set(platform, binary);
  }
  return found;
}

/** What all packages say of themselves. */
function common(name, description) {
  return {
    name,
    version: ofCargo("version"),
    description,
    license: ofCargo("license"),
    ...(options.repository && { repository: { type: "git", url: options.repository } }),
    publishConfig: { access: "public", provenance: true },
  };
}

function platformPackage(directory, platform, binary) {
  const { os, cpu, libc } = platforms[platform];
  fs.mkdirSync(path.join(directory, "bin"));
  const program = path.join(directory, "bin/leora-run");
  fs.copyFileSync(binary, program);
  // Files that went through an archive of a workflow have lost it.
  fs.chmodSync(program, 0o755);
  fs.writeFileSync(
    path.join(directory, "README.md"),
    `The program of leora-run for ${platform}. Install \`leora-run\`, which depends on this.\n`,
  );
  return {
    ...common(`@leora-run/${platform}`, `The program of leora-run for ${platform}`),
    files: ["bin/leora-run"],
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    // Yarn keeps packages zipped, and nothing can be started in an archive.
    preferUnplugged: true,
  };
}

function mainPackage(directory) {
  fs.cpSync(path.join(home, "npm/leora-run"), directory, { recursive: true });
  const about = common("leora-run", ofCargo("description"));
  return {
    ...about,
    keywords: ["postgresql", "migration", "data-migration", "prisma", "rhai"],
    bin: { "leora-run": "bin/leora-run.js" },
    files: ["bin/leora-run.js"],
    engines: { node: ">=18" },
    // Exactly this version: the launcher and the program are one.
    optionalDependencies: Object.fromEntries(
      Object.keys(platforms).map((platform) => [`@leora-run/${platform}`, about.version]),
    ),
  };
}

function pack(work, destination, fill) {
  const directory = fs.mkdtempSync(path.join(work, "package-"));
  const description = fill(directory);
  fs.copyFileSync(path.join(home, "LICENSE"), path.join(directory, "LICENSE"));
  fs.writeFileSync(path.join(directory, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", destination, directory], { encoding: "utf8" });
  console.log(path.join(destination, JSON.parse(packed)[0].filename));
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: "boolean" }, repository: { type: "string" } },
});
const [destination, ...given] = positionals;
if (!destination) fail("say which directory gets the packages");
const built = binaries(given);
const missing = Object.keys(platforms).filter((platform) => !built.has(platform));
if (options.all && missing.length > 0) fail(`no binary was given for ${missing.join(", ")}`);

fs.mkdirSync(destination, { recursive: true });
const work = fs.mkdtempSync(path.join(os.tmpdir(), "leora-run-npm-"));
try {
  for (const [platform, binary] of built) {
    pack(work, path.resolve(destination), (directory) => platformPackage(directory, platform, binary));
  }
  // Last, as it must be published last: it depends on the others.
  pack(work, path.resolve(destination), mainPackage);
} finally {
  fs.rmSync(work, { recursive: true });
}
