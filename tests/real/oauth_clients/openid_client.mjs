// One line of JSON for each thing that should hold, and one with the code that a person has to enter.
import * as client from 'openid-client'
import { importJWK } from 'jose'

const issuer = new URL(process.env.ISSUER)
const { kid, ...jwk } = JSON.parse(process.env.AGENT_JWK)
const say = (line) => console.log(JSON.stringify(line))
const that = (sentence, holds, seen) => say({ sentence, holds: Boolean(holds), seen: JSON.stringify(seen) })
const options = { algorithm: 'oauth2', execute: [client.allowInsecureRequests] }

const me = async (token) => {
  const answer = await fetch(new URL('/api/v1/me', issuer), { headers: { authorization: `Bearer ${token}` } })
  return { status: answer.status, ...(await answer.json()) }
}

const proof = client.PrivateKeyJwt({ key: await importJWK(jwk, 'Ed25519'), kid })
const program = await client.discovery(issuer, 'aida', undefined, proof, options)
const granted = await client.clientCredentialsGrant(program)
that('a program gets a bearer token', granted.token_type === 'bearer', granted)
const aida = await me(granted.access_token)
that('which is its own', aida.id === 'aida', aida)

try {
  await client.clientCredentialsGrant(program, { scope: 'everything' })
  that('what it cannot ask for is refused', false)
} catch (error) {
  that('what it cannot ask for is refused in words it reads', error.error === 'invalid_scope', error)
}

const device = await client.discovery(issuer, 'locum-cli', undefined, client.None(), options)
const asked = await client.initiateDeviceAuthorization(device, {})
that('a device is told where to go', asked.verification_uri.endsWith('/device'), asked)
const polled = client.pollDeviceAuthorizationGrant(device, asked)
setTimeout(() => say({ user_code: asked.user_code }), 6_000)
const letIn = await polled
const person = await me(letIn.access_token)
that('and is the person who let it in', person.id === 'iris@harbour.example' && person.assurance === 'device', person)

await client.tokenRevocation(device, letIn.access_token)
const after = await me(letIn.access_token)
that('a token that was given back opens nothing', after.status === 401, after)
