// A real OpenID provider for staff: whoever comes says who they are, and every program's own checks stay on.
//
// `node provider.mjs SETTINGS` where SETTINGS is JSON: `port`, `client` (as the provider registers it). Prints one
// line of JSON when it listens. Ends when its input does.
import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { Provider } from 'oidc-provider';

const { port, client } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const page = (title, body) => `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`;

/** The provider refuses to call this machine, where every test's client is. */
const withoutGuard = (address, options) => {
  const { dispatcher, ...others } = options;
  return fetch(address, others);
};

const provider = new Provider(issuer, {
  clients: [client],
  cookies: { keys: [randomBytes(32).toString('hex')] },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'first' }] },
  acrValues: ['pwd', 'phr'],
  claims: { openid: ['sub', 'groups', 'acr', 'amr', 'auth_time'], acr: null, amr: null, auth_time: null, iss: null, sid: null },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        ctx.body = page('Sign out', `${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out here</button>`);
      },
      postLogoutSuccessSource: (ctx) => {
        ctx.body = page('Signed out', '<p>You are signed out of the provider.</p>');
      },
    },
  },
  fetch: withoutGuard,
  findAccount: (ctx, account) => ({
    accountId: account,
    claims: () => ({ sub: account, groups: account === 'sol' ? ['locum-security'] : [] }),
  }),
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  // Staff are not asked whether their employer's own server may know who they are.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid');
    await grant.save();
    return grant;
  },
});

const form = `
  <form method="post">
    <p><label>Account <input name="account" required></label></p>
    <p><label>Security key <input type="checkbox" name="key" value="yes"></label></p>
    <button>Continue</button>
  </form>`;

/** Says who it is: no password, but the same redirects, cookies and checks as anywhere. */
const interact = async (context) => {
  const { req, res } = context;
  await provider.interactionDetails(req, res);
  if (req.method === 'GET') {
    context.body = page('Who are you?', form);
    return;
  }
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const said = new URLSearchParams(Buffer.concat(chunks).toString());
  const hasKey = said.get('key') === 'yes';
  const login = { accountId: said.get('account'), acr: hasKey ? 'phr' : 'pwd', amr: [hasKey ? 'hwk' : 'pwd'] };
  context.respond = false;
  await provider.interactionFinished(req, res, { login }, { mergeWithLastSubmission: false });
};

provider.use((context, next) => (context.path.startsWith('/interaction/') ? interact(context) : next()));
for (const failure of ['server_error', 'backchannel.error', 'grant.error', 'authorization.error', 'end_session.error']) {
  provider.on(failure, (...about) => console.error(failure, about.find((one) => one instanceof Error) || about[1]));
}
provider.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ issuer })));
process.stdin.on('end', () => process.exit()).resume();
