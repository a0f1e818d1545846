// A headless Chromium by the DevTools protocol, over a pipe: nothing to install but the browser.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const programs = [process.env.CLV_CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].filter(Boolean);

// The program, or undefined
const found = () => programs.find((program) => spawnSync(program, ['--version'], { timeout: 20000 }).status === 0);

class Browser {
    static async launch(program) {
        const browser = new Browser();
        browser.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'clv-chromium-'));
        browser.process = spawn(
            program,
            [
                '--headless=new',
                '--no-sandbox',
                '--disable-gpu',
                '--disable-dev-shm-usage',
                '--no-first-run',
                '--disable-background-networking',
                '--disable-component-update',
                '--disable-sync',
                '--disable-extensions',
                '--mute-audio',
                '--hide-scrollbars',
                '--force-color-profile=srgb',
                '--lang=en-US',
                '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
                `--user-data-dir=${browser.folder}`,
                '--remote-debugging-pipe',
                'about:blank',
            ],
            { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true }
        );
        browser.waiting = new Map();
        browser.listeners = new Map(); // by session
        browser.next = 1;
        let rest = Buffer.alloc(0);
        browser.process.stdio[4].on('data', (data) => {
            rest = Buffer.concat([rest, data]);
            for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1))
                browser.hear(JSON.parse(rest.subarray(0, end)));
        });
        browser.process.stdio[3].on('error', () => {});
        browser.ended = new Promise((resolve) => browser.process.on('close', resolve));
        return browser;
    }

    hear(message) {
        if (message.id === undefined) return void this.listeners.get(message.sessionId)?.(message);
        const { resolve, reject, method } = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if (message.error) reject(new Error(`${method}: ${message.error.message}`));
        else resolve(message.result);
    }

    send(method, params = {}, sessionId = undefined) {
        const id = this.next++;
        return new Promise((resolve, reject) => {
            this.waiting.set(id, { resolve, reject, method });
            this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
        });
    }

    async page(options = {}) {
        const { browserContextId } = await this.send('Target.createBrowserContext');
        const { targetId } = await this.send('Target.createTarget', { url: 'about:blank', browserContextId });
        const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
        const page = new Page(this, sessionId, browserContextId);
        await page.begin(options);
        return page;
    }

    async close() {
        this.send('Browser.close').catch(() => {});
        const timer = setTimeout(() => {
            try {
                process.kill(-this.process.pid, 'SIGKILL');
            } catch {
                /* it is gone */
            }
        }, 5000);
        await this.ended;
        clearTimeout(timer);
        fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
}

class Page {
    constructor(browser, session, context) {
        Object.assign(this, { browser, session, context, complaints: [], requests: [] });
    }

    send(method, params) {
        return this.browser.send(method, params, this.session);
    }

    async begin({ width = 1360, height = 900, dark = false, scale = 1, mobile = false }) {
        this.browser.listeners.set(this.session, ({ method, params }) => {
            if (method === 'Runtime.consoleAPICalled' && /error|warning|assert/.test(params.type))
                this.complaints.push(params.args.map((arg) => arg.value ?? arg.description).join(' '));
            if (method === 'Runtime.exceptionThrown')
                this.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
            if (method === 'Log.entryAdded' && /error|warning/.test(params.entry.level))
                this.complaints.push(`${params.entry.text} ${params.entry.url ?? ''}`);
            if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
            if (method === 'Page.javascriptDialogOpening') {
                this.complaints.push(`dialog: ${params.message}`);
                this.send('Page.handleJavaScriptDialog', { accept: true });
            }
        });
        for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`);
        await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile });
        await this.send('Emulation.setEmulatedMedia', {
            features: [
                { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
                { name: 'prefers-reduced-motion', value: 'reduce' },
            ],
        });
    }

    async evaluate(expression) {
        const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
            expression,
            awaitPromise: true,
            returnByValue: true,
        });
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        return result.value;
    }

    async until(expression, seconds = 60) {
        for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 40))) {
            if (await this.evaluate(expression).catch(() => false)) return;
        }
        throw new Error(`not within ${seconds} seconds: ${expression}`);
    }

    // Goes there, and waits until all of the page is drawn.
    async open(url) {
        await this.send('Page.navigate', { url });
        await this.until(`location.href !== 'about:blank' && document.body?.dataset.ready === 'yes'`);
        await this.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
    }

    async press(key, code = key) {
        const of = { Tab: 9, Enter: 13, Escape: 27, ' ': 32 };
        const more = {
            key,
            code: key === ' ' ? 'Space' : code,
            windowsVirtualKeyCode: of[key],
            text: key === 'Enter' ? '\r' : key === ' ' ? ' ' : undefined,
        };
        await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...more });
        await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...more });
    }

    // A picture of all of the page
    async picture(file, { whole = true } = {}) {
        const { data } = await this.send('Page.captureScreenshot', {
            format: 'png',
            captureBeyondViewport: whole,
            ...(whole
                ? {
                      clip: {
                          ...(await this.evaluate(
                              '({ x: 0, y: 0, width: innerWidth, height: document.documentElement.scrollHeight })'
                          )),
                          scale: 1,
                      },
                  }
                : {}),
        });
        fs.writeFileSync(file, Buffer.from(data, 'base64'));
    }

    async close() {
        this.browser.listeners.delete(this.session);
        await this.browser.send('Target.disposeBrowserContext', { browserContextId: this.context });
    }
}

module.exports = { Browser, found };
