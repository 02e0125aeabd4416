// A portal of one's own for the clients that others wrote, and a browser of few lines that signs a person in.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const program = process.env.PESHTOQ_PROGRAM ?? join(root, "target/debug/peshtoq");
const PASSWORD = "peshtoq-demo-2026";

export const citizen = { login: "41404910261017", phone: "998900000001" };
/** Who registers clients; the phone is by the order of `staff()` in crates/server/src/demo.rs. */
const operator = { login: "operator", phone: "998712000025" };

async function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The demo portal in a process of its own. */
export async function startProvider() {
  const data = mkdtempSync(join(tmpdir(), "peshtoq-clients-"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(program, ["demo", "--listen", url.slice("http://".length), "--data", data], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stdout.on("data", (chunk) => (log += chunk));
  child.stderr.on("data", (chunk) => (log += chunk));
  const until = Date.now() + 90_000;
  while (!(await fetch(`${url}/health/ready`).then((answer) => answer.ok, () => false))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`the portal does not get ready: ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    log: () => log,
    async stop() {
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await new Promise((resolve) => child.once("exit", resolve));
      }
      rmSync(data, { recursive: true, force: true });
    },
  };
}

const unescape = (text) => text.replaceAll("&#38;", "&").replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#34;", '"').replaceAll("&#39;", "'");

/** Codes that were typed in already, by whichever browser. */
const used = new Set();

/** Cookies, redirects within the portal, forms: as much of a browser as signing in without JavaScript needs. */
export class Browser {
  constructor(url) {
    this.url = url;
    this.cookies = new Map();
  }

  async open(address, form) {
    let next = new URL(address, this.url);
    for (let hops = 0; hops < 12; hops++) {
      const answer = await fetch(next, {
        method: form ? "POST" : "GET",
        body: form ? new URLSearchParams(form) : undefined,
        redirect: "manual",
        headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      });
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
        if (value) this.cookies.set(name, value);
        else this.cookies.delete(name);
      }
      this.status = answer.status;
      this.body = await answer.text();
      this.at = next;
      form = undefined;
      const location = answer.headers.get("location");
      if (!location) break;
      next = new URL(location, next);
      if (next.origin !== this.url) {
        this.left = next;
        return next;
      }
    }
    // The page that leaves the portal.
    const refresh = this.body.match(/http-equiv="refresh" content="0;url=([^"]+)"/);
    this.left = refresh ? new URL(unescape(refresh[1])) : undefined;
    return this.left;
  }

  field(name) {
    return unescape(this.body.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1] ?? "");
  }

  async submit(path, fields) {
    return this.open(path, [["_csrf", this.field("_csrf")], ...Object.entries(fields).flatMap(([name, value]) => (Array.isArray(value) ? value.map((one) => [name, one]) : [[name, value]]))]);
  }

  async code(phone) {
    const until = Date.now() + 10_000;
    while (Date.now() < until) {
      const html = await (await fetch(`${this.url}/uz/demo/phone?to=${phone}`)).text();
      const found = html.slice(html.indexOf("<main")).replace(/<[^>]+>/g, " ").match(/(?<![\d+])\d{6}(?!\d)/)?.[0];
      if (found && !used.has(found)) {
        used.add(found);
        return found;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("no code arrived on the demo phone");
  }

  async signIn(person = citizen, door = "/uz/sign-in") {
    await this.open(door);
    await this.submit(door, { login: person.login, password: PASSWORD });
    await this.submit(`${door}/code`, { code: await this.code(person.phone) });
  }

  /** Goes to an authorization address, agrees when asked, and gives the address at the client (or the form that is posted there). */
  async authorize(address) {
    let left = await this.open(address);
    if (!left && this.at.pathname.includes("/sso/consent/")) {
      const claim = [...this.body.matchAll(/name="claim"[^>]*value="([^"]+)"/g)].map((found) => found[1]);
      left = await this.submit(this.at.pathname, { claim, answer: "yes" });
    }
    if (left) return left;
    const action = this.body.match(/<form method="post" action="([^"]+)" data-go>/);
    if (!action) throw new Error(`${this.at}: ${this.status} leads nowhere: ${this.body.replace(/<[^>]+>/g, " ").slice(0, 800)}`);
    const fields = [...this.body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map((found) => [found[1], unescape(found[2])]);
    return new Request(unescape(action[1]), { method: "POST", body: new URLSearchParams(fields) });
  }

  /** Types the code of a device and agrees. */
  async agreeToDevice(userCode) {
    await this.open("/uz/sso/device");
    await this.submit("/uz/sso/device", { user_code: userCode });
    const claim = [...this.body.matchAll(/name="claim"[^>]*value="([^"]+)"/g)].map((found) => found[1]);
    await this.submit("/uz/sso/device/answer", { user_code: userCode, claim, answer: "yes" });
    if (!this.at.search.includes("done=yes")) throw new Error(`${this.at}: ${this.body.slice(0, 500)}`);
  }
}

/** Registers clients by the operator's API; each call gives id and secret. */
export async function registrar(provider) {
  const browser = new Browser(provider.url);
  await browser.signIn(operator, "/uz/staff/sign-in");
  const token = browser.cookies.get("ps");
  if (!token) throw new Error(`the operator could not sign in: ${browser.at} ${browser.body.slice(0, 500)}`);
  let n = 0;
  return async (change = {}) => {
    const client = {
      id: `test-client-${++n}`,
      name: "Namuna mijoz (demo)",
      owner: "Namuna tashkiloti (demo)",
      contact: "demo@namuna.example",
      purpose: { uz: "Sinov uchun" },
      redirect_uris: ["https://client.example/callback"],
      post_logout_uris: ["https://client.example/bye"],
      scopes: ["openid", "profile", "email", "phone", "address", "pinfl", "passport", "offline_access"],
      grants: ["authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"],
      auth: "client_secret_basic",
      subject_type: "pairwise",
      id_token_alg: "ES256",
      consent_days: 365,
      ...change,
    };
    const answer = await fetch(`${provider.url}/api/v1/clients`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(client),
    });
    const told = await answer.json();
    if (answer.status !== 201) throw new Error(`${answer.status}: ${JSON.stringify(told)}`);
    return { id: client.id, secret: told.client_secret, redirect: client.redirect_uris[0] };
  };
}
