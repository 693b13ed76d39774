// A certified OpenID Connect provider on loopback, with people whose claims the test gives.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [frontend, configuration] = process.argv.slice(2)
const require = createRequire(pathToFileURL(`${frontend}/package.json`))
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href)
const { redirects, signOuts, people } = JSON.parse(configuration)

async function findAccount(_context, id) {
  if (!(id in people)) return undefined
  return { accountId: id, claims: async () => ({ sub: id, ...people[id] }) }
}

const { createServer } = await import('node:http')
const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'studio',
        client_secret: 'the secret of the studio',
        redirect_uris: redirects,
        post_logout_redirect_uris: signOuts,
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['preferred_username', 'name', 'groups'], email: ['email', 'email_verified'] },
    findAccount,
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    cookies: { keys: ['a key of the tests'] },
  })
  server.on('request', provider.callback())
  process.stdout.write(`ready ${issuer}\n`)
})
