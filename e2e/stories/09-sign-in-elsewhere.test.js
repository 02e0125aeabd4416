// A person signs in at a shop by the portal, sees what the shop knows, and takes it back; with a script and without.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { people, signIn, signInStaff } from "../lib/people.js";
import { startPortal } from "../lib/portal.js";

let portal, shop;

/** The demo's shop, as a program on this machine: keeps what came back to it. */
async function startShop() {
  const came = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      if (request.url.startsWith("/callback")) {
        came.push(new URLSearchParams(request.method === "POST" ? body : new URL(request.url, "http://shop").search));
      }
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end("<!doctype html><title>Namuna do‘kon</title><h1>Namuna do‘kon</h1>");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const redirect = `http://127.0.0.1:${server.address().port}/callback`;
  return {
    came,
    redirect,
    request(more = {}) {
      const verifier = randomBytes(32).toString("base64url");
      const params = new URLSearchParams({
        client_id: "demo-shop",
        redirect_uri: redirect,
        response_type: "code",
        scope: "openid profile email",
        ui_locales: "uz",
        state: "s",
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
        ...more,
      });
      return { url: `${portal.url}/sso/authorize?${params}`, verifier };
    },
    async redeem(code, verifier) {
      const body = new URLSearchParams({ grant_type: "authorization_code", client_id: "demo-shop", code, redirect_uri: redirect, code_verifier: verifier });
      const tokens = await (await fetch(`${portal.url}/sso/token`, { method: "POST", body })).json();
      return fetch(`${portal.url}/sso/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    },
    stop: () => server.close(),
  };
}

before(async () => {
  portal = await startPortal();
  shop = await startShop();
});
after(async () => {
  shop?.stop();
  await portal?.stop();
});

describe("signing in elsewhere", () => {
  for (const [how, options] of [
    ["wide", {}],
    ["at 360 px without JavaScript", { width: 360, javaScript: false }],
  ]) {
    test(`Dilnoza signs in at a shop by the portal, ${how}, and takes her consent back`, async () => {
      const dilnoza = await portal.person(options);
      const { url, verifier } = shop.request();
      await dilnoza.page.goto(url);
      await dilnoza.look();
      await dilnoza.page.fill("#login", people.dilnoza.login);
      await dilnoza.page.fill("#password", "peshtoq-demo-2026");
      await dilnoza.submit();
      await dilnoza.page.fill("#code", await dilnoza.code(people.dilnoza.phone));
      await dilnoza.submit();
      assert.match(await dilnoza.text(), /Buyurtmani sizning nomingizga yozish uchun/);
      await dilnoza.page.uncheck('input[name=claim][value="email"]');
      const before = shop.came.length;
      await dilnoza.page.getByRole("button", { name: "Roziman", exact: true }).click();
      await dilnoza.page.waitForURL(`${shop.redirect}?**`);
      assert.equal(shop.came.length, before + 1);
      const back = shop.came.at(-1);
      assert.equal(back.get("iss"), portal.url);
      const told = await (await shop.redeem(back.get("code"), verifier)).json();
      assert.equal(told.given_name, "Dilnoza");
      assert.equal(told.email, undefined);
      await dilnoza.go("/cabinet/security");
      await dilnoza.press("Boshqa saytlarga bergan roziliklaringiz");
      assert.match(await dilnoza.text(), /Namuna do‘kon/);
      await dilnoza.press(/roziligni|rozilikni qaytarib olish/i);
      assert.match(await dilnoza.text(), /Hali hech kimga rozilik bermagansiz/);
      await dilnoza.close();
    });
  }

  test("an answer by form is sent by a script of the portal, and by a button without one", async () => {
    for (const javaScript of [true, false]) {
      const jasur = await portal.person({ javaScript });
      await signIn(jasur, people.jasur);
      const { url, verifier } = shop.request({ response_mode: "form_post", prompt: "consent" });
      await jasur.page.goto(url);
      await jasur.look();
      await jasur.page.getByRole("button", { name: "Roziman", exact: true }).click();
      if (!javaScript) await jasur.page.getByRole("button", { name: "Davom etish" }).click();
      await jasur.page.waitForURL(shop.redirect);
      assert.equal((await shop.redeem(shop.came.at(-1).get("code"), verifier)).status, 200);
      assert.equal(jasur.broken, undefined);
      await jasur.close();
    }
  });

  test("a person types the code of a device at 360 px", async () => {
    const begun = await (await fetch(`${portal.url}/sso/device/code`, { method: "POST", body: new URLSearchParams({ client_id: "demo-shop", scope: "openid" }) })).json();
    const bekzod = await portal.person({ width: 360 });
    await signIn(bekzod, people.bekzod);
    await bekzod.go("/sso/device");
    await bekzod.page.fill("#user_code", "BBBB-BBBB");
    await bekzod.submit();
    assert.match(await bekzod.text(), /Bunday kod yo‘q/);
    await bekzod.page.fill("#user_code", begun.user_code.toLowerCase());
    await bekzod.submit();
    await bekzod.press("Roziman");
    assert.match(await bekzod.text(), /Qurilmaga qayting/);
    await bekzod.close();
  });

  test("an operator registers a site, on a telephone too", async () => {
    for (const width of [1280, 360]) {
      const operator = await portal.person({ width });
      await signInStaff(operator, "operator");
      await operator.go("/staff/clients");
      await operator.press("Yangi sayt yoki tizim");
      await operator.submit();
      await operator.page.fill("#id", `demo-library-${width}`);
      await operator.page.fill("#name", "Namuna kutubxona (demo)");
      await operator.page.fill("#owner", "Namuna kutubxonasi (demo)");
      await operator.page.fill("#contact", "demo@namuna.example");
      await operator.page.fill("#purpose_uz", "Kitob berish uchun");
      await operator.page.fill("#redirect_uris", "https://kutubxona.example/back");
      await operator.submit();
      assert.match(await operator.text(), /faqat hozir ko‘rinadi/);
      await operator.close();
    }
  });
});
