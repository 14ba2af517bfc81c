import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { screens, startBrowser, startDemo } from "./world.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let demo, browser;

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Opens a page that tells of everything it should not do. */
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: screens.wall, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && faults.push(`console: ${m.text()}`));
  page.on("pageerror", (e) => faults.push(`script: ${e}`));
  page.on("request", (r) => new URL(r.url()).origin === demo.url || faults.push(`another host: ${r.url()}`));
  page.on("requestfailed", (r) => faults.push(`failed: ${r.url()}`));
  await page.goto(demo.url + path);
  return { page, faults, close: () => context.close() };
}

test("an outage appears without a reload, and ends", { timeout: 150_000 }, async () => {
  const { page, faults, close } = await open("/");
  await page.evaluate(() => (window.notReloaded = true));
  assert.match(await page.textContent("#headline"), /^\d+ down, \d+ degraded, \d+ unreadable of 24$/);
  const docker = page.locator('section[aria-labelledby="down"] h3 a', { hasText: "Docker" });
  await docker.waitFor({ timeout: 60_000 });
  assert.match(await page.textContent("#live"), /down/);
  await docker.waitFor({ state: "detached", timeout: 120_000 });
  assert.equal(await page.evaluate(() => window.notReloaded), true);
  assert.deepEqual(faults, []);
  await close();
});

test("filters live in the address", async () => {
  const { page, faults, close } = await open("/");
  await page.selectOption('select[name="category"]', "gaming");
  await page.waitForURL(/category=gaming/);
  const names = () => page.locator(".services h3 a").allTextContents();
  assert.deepEqual((await names()).sort(), ["Fortnite (simulated)", "Roblox (simulated)", "Steam (simulated)"]);
  await page.fill('input[name="q"]', "rob");
  await page.press('input[name="q"]', "Enter");
  await page.waitForURL(/q=rob/);
  assert.deepEqual(await names(), ["Roblox (simulated)"]);
  await page.goBack();
  assert.equal((await names()).length, 3);
  await page.click("text=Clear");
  assert.match(await page.textContent("#headline"), /of 24$/);
  assert.deepEqual(faults, []);
  await close();
});

test("a service opens", async () => {
  const { page, faults, close } = await open("/?q=github");
  await page.click("text=GitHub (simulated)");
  await page.waitForURL(/\/status\/github$/);
  assert.match(await page.textContent("h1"), /GitHub/);
  assert.equal(await page.locator("svg.strip").count(), 3);
  assert.match(await page.textContent("pre"), /slug: github/);
  assert.deepEqual(faults, []);
  await close();
});

test("the board is whole without a script", async () => {
  const { page, faults, close } = await open("/?status=operational", { javaScriptEnabled: false });
  assert.ok((await page.locator(".services li").count()) > 5);
  assert.deepEqual(faults, []);
  await close();
});

for (const [name, viewport] of Object.entries(screens)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`fit for everyone: ${name}, ${colorScheme}`, async () => {
      for (const path of ["/", "/status/discord", "/nothing"]) {
        const context = await browser.newContext({ viewport, colorScheme, bypassCSP: true }); // for axe alone
        const page = await context.newPage();
        await page.goto(demo.url + path);
        await page.locator("details").evaluateAll((all) => all.forEach((d) => (d.open = true)));
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} is wider than the screen`);
        await page.addScriptTag({ content: axe });
        const { violations } = await page.evaluate(() => axe.run());
        const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
        assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), [], path);
        await context.close();
      }
    });
  }
}
