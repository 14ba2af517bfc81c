// Takes the pictures of the README: node pictures.js FOLDER
import { setTimeout as pause } from "node:timers/promises";
import { screens, startBrowser, startDemo } from "./world.js";

const folder = process.argv[2] ?? "../../../docs/images";
const demo = await startDemo();
const browser = await startBrowser();
try {
  await pause(62_000); // Discord's page has just admitted what users said before
  const take = async (path, file, viewport, colorScheme = "light") => {
    const page = await browser.newPage({ viewport, colorScheme });
    await page.goto(demo.url + path);
    await page.screenshot({ path: `${folder}/${file}` });
    await page.close();
  };
  await take("/", "board.png", { width: 1280, height: 800 });
  await take("/", "board-phone.png", screens.phone, "dark");
  await take("/status/discord", "service.png", { width: 1280, height: 960 });
} finally {
  await browser.close();
  await demo.stop();
}
