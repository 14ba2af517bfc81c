// The program with its demo, and a browser to look at it with.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";

const chromes = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Starts the program named by DOWNSTATUS_EXPORTER. */
export async function startDemo(...flags) {
  const binary = process.env.DOWNSTATUS_EXPORTER;
  if (!binary) throw new Error("DOWNSTATUS_EXPORTER is not set: want the path of the built program");
  const address = `127.0.0.1:${await freePort()}`;
  const log = [];
  const program = spawn(binary, ["--demo", `--web.listen-address=${address}`, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  program.stderr.on("data", (text) => log.push(text));
  const url = `http://${address}`;
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    if (answer?.ok) break;
    if (tries > 300 || program.exitCode !== null) throw new Error(`the program is not ready:\n${Buffer.concat(log)}`);
    await pause(100);
  }
  return {
    url,
    stop: async () => {
      if (program.exitCode !== null) return;
      program.kill("SIGTERM");
      await once(program, "exit");
    },
  };
}

export async function startBrowser() {
  const executablePath = chromes.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium: install it, or name it in CHROMIUM");
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export const screens = { phone: { width: 390, height: 844 }, wall: { width: 1920, height: 1080 } };
