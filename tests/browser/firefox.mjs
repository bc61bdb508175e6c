// Leads Firefox: reads one command a line, in JSON, and answers each with one line.
// Usage: node firefox.mjs FOLDER_WITH_NODE_MODULES FIREFOX PROFILE SCRIPTS
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [modules, firefox, profile, scripts] = process.argv.slice(2);
const puppeteer = createRequire(`${modules}/`)("puppeteer-core");

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: firefox,
  userDataDir: profile,
  headless: true,
  extraPrefsFirefox: {
    "javascript.enabled": scripts === "true",
    "dom.w3c_touch_events.enabled": 1,
  },
});
const page = await browser.newPage();
let faults = [];
page.on("pageerror", (error) => faults.push(error.message));
page.on("console", (said) => said.type() === "error" && faults.push(said.text()));

const commands = {
  size: (width, height) => page.setViewport({ width, height }),
  open: async (address) => {
    await page.goto(address, { timeout: 20_000 });
  },
  value: (expression) => page.evaluate(expression),
  async move(...points) {
    for (const [x, y] of points) await page.mouse.move(x, y);
  },
  click: (x, y) => page.mouse.click(x, y),
  tap: (x, y) => page.touchscreen.tap(x, y),
  async press(...keys) {
    for (const key of keys) await page.keyboard.down(key);
    for (const key of keys.reverse()) await page.keyboard.up(key);
  },
  faults() {
    const found = faults;
    faults = [];
    return found;
  },
};

const answer = (content) => process.stdout.write(`${JSON.stringify(content)}\n`);
answer({ value: browser.process().pid });
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...given] = JSON.parse(line);
  try {
    answer({ value: (await commands[name](...given)) ?? null });
  } catch (error) {
    answer({ fault: String(error) });
  }
}
// Not browser.close(): it waits five seconds for a Firefox that does not go by itself.
const ended = new Promise((resolve) => browser.process().once("exit", resolve));
browser.process().kill();
await ended;
process.exit();
