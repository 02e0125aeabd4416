// Starts the portal with demo data, a browser beside it, and checks every page that is visited.
import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const program = process.env.PESHTOQ_PROGRAM ?? join(root, "target/debug/peshtoq");
const pictures = process.env.PESHTOQ_PICTURES;

export const PASSWORD = "peshtoq-demo-2026";

// Nothing that a page needs comes from elsewhere: the browser is told to look nowhere.
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

async function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A running portal of one's own, with its data in a temporary folder. */
export async function startPortal() {
  const data = mkdtempSync(join(tmpdir(), "peshtoq-story-"));
  const port = await freePort();
  const child = spawn(program, ["demo", "--listen", `127.0.0.1:${port}`, "--data", data], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stdout.on("data", (chunk) => (log += chunk));
  child.stderr.on("data", (chunk) => (log += chunk));
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the portal ended: ${log}`);
    if (Date.now() > until) throw new Error(`the portal does not get ready: ${log}`);
    const ready = await fetch(`${url}/health/ready`).then((r) => r.ok, () => false);
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
  return new Portal(url, child, data, browser, () => log);
}

class Portal {
  constructor(url, child, data, browser, log) {
    Object.assign(this, { url, child, data, browser, log });
    /** One-time codes that were typed in already. */
    this.used = new Set();
  }

  /** A person with a browser of their own. */
  async person({ width = 1280, javaScript = true, lang = "uz", ...options } = {}) {
    const context = await this.browser.newContext({
      viewport: { width, height: 800 },
      javaScriptEnabled: javaScript,
      reducedMotion: "reduce",
      baseURL: this.url,
      ...options,
    });
    context.setDefaultTimeout(10_000);
    const visitor = new Visitor(this, context, await context.newPage(), lang);
    visitor.javaScriptOff = !javaScript;
    return visitor;
  }

  async stop() {
    await this.browser.close();
    if (this.child.exitCode === null) {
      this.child.kill("SIGTERM");
      await new Promise((resolve) => this.child.once("exit", resolve));
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}

let shot = 0;

export class Visitor {
  constructor(portal, context, page, lang) {
    Object.assign(this, { portal, context, page, lang });
    page.on("response", (response) => {
      const own = response.url().startsWith(portal.url);
      if (own && response.status() >= 500 && response.status() !== 503) {
        this.broken = `${response.status()} ${response.url()}`;
      }
    });
    page.on("pageerror", (error) => (this.broken = `script: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy/i.test(message.text())) this.broken = message.text();
    });
  }

  /** Goes to a path in the person's language and looks at the page. */
  async go(path) {
    await this.page.goto(`/${this.lang}${path === "/" ? "" : path}`);
    await this.look();
  }

  /** Every page: no violation for axe, no sideways scrolling, one h1, no failure behind it. */
  async look() {
    const where = this.page.url();
    if (this.broken) throw new Error(`${where}: ${this.broken}`);
    if (pictures) {
      mkdirSync(pictures, { recursive: true });
      const name = `${String(++shot).padStart(3, "0")}-${this.page.viewportSize().width}-${new URL(where).pathname.replace(/[^a-zA-Z0-9-]+/g, "_")}.png`;
      await this.page.screenshot({ path: join(pictures, name), fullPage: true });
    }
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth).catch(() => 0);
    if (wide > 1) throw new Error(`${where}: the page is ${wide} px wider than the screen`);
    const heads = await this.page.locator("h1").count();
    // The gallery shows the receipt, which holds a heading of its own.
    if (heads !== 1 && !where.endsWith("/gallery")) throw new Error(`${where}: ${heads} h1`);
    const text = await this.page.locator("main").innerText();
    const key = text.match(/\b(common|catalog|applications|identity|payments|documents|notifications|provider|server)-[a-z][a-z-]+\b/);
    if (key) throw new Error(`${where}: shows the key ${key[0]}`);
    const page = this.javaScriptOff ? await this.still() : this.page;
    // A page within a frame is looked at by itself: its landmarks are not those of the page around it.
    const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze();
    if (violations.length > 0) {
      const told = violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)).join("\n  ")}`);
      throw new Error(`${where}: axe${this.javaScriptOff ? " without JavaScript" : ""}\n${told.join("\n")}`);
    }
  }

  /**
   * The page of a person without JavaScript, once more in a window where axe can run: the same elements at the same address
   * and width, with the styles, without scripts, and with what stands in `noscript` shown.
   */
  async still() {
    const url = this.page.url();
    const html = (await this.page.content())
      .replace(/<script\b[^>]*>[\s\S]*?<\/script>/gi, "")
      .replace(/<link\b[^>]*modulepreload[^>]*>/gi, "")
      .replace(/<(\/?)noscript\b[^>]*>/gi, "<$1div>");
    if (!this.twin) {
      this.twin = await this.portal.browser.newContext({ viewport: this.page.viewportSize(), reducedMotion: "reduce" });
    } else {
      await Promise.all(this.twin.pages().map((page) => page.close()));
    }
    const page = await this.twin.newPage();
    await page.route((address) => address.href === url, (route) => route.fulfill({ status: 200, contentType: "text/html; charset=utf-8", body: html }));
    await page.goto(url);
    return page;
  }

  /** Presses a button or link by its words and looks at where it leads. */
  async press(name) {
    const target = this.page.getByRole("button", { name, exact: false }).or(this.page.getByRole("link", { name, exact: false }));
    const main = this.page.locator("main").getByRole("button", { name }).or(this.page.locator("main").getByRole("link", { name }));
    const one = (await main.count()) > 0 ? main.first() : target.first();
    await Promise.all([this.page.waitForLoadState("domcontentloaded"), one.click()]);
    await this.page.waitForLoadState("load");
    await this.look();
  }

  async text() {
    return this.page.locator("main").innerText();
  }

  /** Presses the submit button of a form and looks at where it leads. */
  async submit(selector = "main form[method=post] button[type=submit]") {
    // Not the button that only Enter presses, nor those that change the form and stay on it.
    const pressed = this.page.locator(':not([tabindex="-1"]):not([name=reuse]):not([name=_add]):not([name=_remove]):not([name=_more])');
    await Promise.all([this.page.waitForNavigation(), this.page.locator(selector).and(pressed).first().click()]);
    await this.look();
  }

  /** The newest one-time code that was sent to a phone (digits): read from the demo phone, as the person would. */
  async code(phone) {
    const until = Date.now() + 10_000;
    while (Date.now() < until) {
      const found = await this.newestCode(phone);
      if (found && !this.portal.used.has(found)) {
        this.portal.used.add(found);
        return found;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("no code arrived on the demo phone");
  }

  async newestCode(phone) {
    const html = await (await this.context.request.get(`${this.portal.url}/uz/demo/phone?to=${phone}`)).text();
    const main = html.slice(html.indexOf("<main"));
    return main.replace(/<[^>]+>/g, " ").match(/(?<![\d+])\d{6}(?!\d)/)?.[0];
  }

  /** Reloads until the page's text holds the words; work after the commit takes a moment. */
  async until(words, path) {
    const until = Date.now() + 20_000;
    const wanted = words instanceof RegExp ? words : new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    for (;;) {
      if (wanted.test((await this.text()).replaceAll("\u00a0", " "))) return this.look();
      if (Date.now() > until) throw new Error(`${this.page.url()}: never said ${words}; it says:\n${(await this.text()).slice(0, 1500)}`);
      await new Promise((resolve) => setTimeout(resolve, 250));
      await (path ? this.page.goto(`/${this.lang}${path}`) : this.page.reload());
    }
  }

  async close() {
    await this.twin?.close();
    await this.context.close();
  }
}

