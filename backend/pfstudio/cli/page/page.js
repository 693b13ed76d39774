'use strict'
// The page of one flow: a chat where the flow is one, else a form. Nothing is fetched but from the server it came from.

const byId = (id) => document.getElementById(id)
const token = takeToken()
let flow = null
let history = []
let image = null
let running = false

function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given) {
    sessionStorage.setItem('token', given)
    window.history.replaceState(null, '', location.pathname + location.search)
  }
  return sessionStorage.getItem('token') ?? ''
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children.filter((child) => child !== null))
  return made
}

async function load() {
  let answer
  try {
    const response = await fetch('/api/flow', { headers: { 'X-Pf-Token': token } })
    answer = await response.json()
  } catch {
    answer = { problem: 'pf does not answer any more. Start it again with pf flow test --ui.', place: '' }
  }
  if (answer.problem) return showProblem(answer)
  flow = answer
  document.title = flow.title
  byId('title').textContent = flow.title
  byId('description').textContent = flow.description
  byId('kind').textContent = flow.chat ? 'chat' : 'form'
  byId('kind').hidden = false
  document.body.classList.toggle('chat', Boolean(flow.chat))
  if (flow.chat) showChat()
  else showForm()
  byId('main').hidden = false
  if (flow.chat) byId('message').focus()
}

function showProblem({ problem, place }) {
  const where = place ? element('span', { className: 'place' }, ` (${place})`) : null
  byId('problem').replaceChildren(...[problem, where].filter(Boolean))
  byId('problem').hidden = false
}

// Inputs ------------------------------------------------------------------------------------------------------------

function showFields(inputs, heading) {
  byId('inputs').replaceChildren(element('h2', {}, heading), ...inputs.map(field))
}

function field(input) {
  const control = controlOf(input)
  control.name = input.name
  const name = element('span', { className: 'name' }, input.name, element('span', {}, input.type))
  const about = input.description ? element('p', { className: 'about' }, input.description) : null
  return element('label', { className: 'field' }, name, control, about)
}

function controlOf(input) {
  const given = new URLSearchParams(location.search).get(input.name) ?? input.value
  if (input.type === 'image') return element('input', { type: 'file', accept: 'image/*' })
  if (input.choices.length || input.type === 'bool') {
    const choices = input.choices.length ? input.choices : ['true', 'false']
    const none = given === null ? [element('option', { value: '' }, '')] : []
    const options = choices.map((choice) => element('option', { value: choice }, choice))
    const select = element('select', {}, ...none, ...options)
    if (given !== null) select.value = given
    return select
  }
  if (input.type === 'secret') return element('input', { type: 'password', value: given ?? '' })
  if (input.type === 'int' || input.type === 'double') {
    return element('input', { type: 'text', inputMode: 'decimal', value: given ?? '' })
  }
  const isCode = ['list', 'object'].includes(input.type)
  const rows = Math.min(10, Math.max(isCode ? 2 : 1, (given ?? '').split('\n').length, Math.ceil((given ?? '').length / 70)))
  return element('textarea', { rows, value: given ?? '', className: isCode ? 'code' : '', spellcheck: !isCode })
}

async function values() {
  const found = {}
  for (const input of flow.inputs) {
    const control = byId('inputs').elements.namedItem(input.name)
    if (!control) continue
    if (control.type === 'file') {
      if (control.files[0]) found[input.name] = imageValue(await readImage(control.files[0]))
    } else if (control.value !== (input.value ?? '')) {
      found[input.name] = control.value // As text: the flow converts it, as for `--inputs`.
    }
  }
  return found
}

function readImage(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve({ name: file.name, url: reader.result })
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}

function imageValue({ url }) {
  if (flow.messageFormat === 'openai-vision') return { type: 'image_url', image_url: { url } }
  const [head, content] = url.split(',')
  return { [head.replace(/;base64$/, '') + ';base64']: content }
}

// Running -----------------------------------------------------------------------------------------------------------

async function run(inputs, on) {
  running = true
  updateButtons()
  let finished = null
  try {
    const response = await fetch('/api/run', {
      method: 'POST',
      headers: { 'X-Pf-Token': token, 'Content-Type': 'application/json' },
      body: JSON.stringify({ inputs }),
    })
    if (!response.ok) throw new Error((await response.json()).problem)
    for await (const event of lines(response.body)) {
      if (event.event === 'finished') finished = event
      else on[event.event]?.(event)
    }
  } catch (error) {
    finished ??= { outputs: {}, failure: { message: reason(error), place: '', traceback: null } }
  } finally {
    running = false
    updateButtons()
  }
  return finished ?? { outputs: {}, failure: { message: 'pf ended before the flow did.', place: '', traceback: null } }
}

const reason = (error) => (error instanceof TypeError ? 'pf does not answer any more. Start it again.' : error.message)

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const parts = (rest + value).split('\n')
    rest = parts.pop()
    for (const part of parts) if (part) yield JSON.parse(part)
  }
}

function updateButtons() {
  byId('send').disabled = running
  const button = byId('run')
  if (button) {
    button.disabled = running
    button.textContent = running ? 'Running…' : 'Run flow'
  }
}

// Form --------------------------------------------------------------------------------------------------------------

function showForm() {
  showFields(flow.inputs, 'Inputs')
  const button = element('button', { id: 'run', type: 'submit', className: 'primary' }, 'Run flow')
  byId('inputs').append(element('div', { className: 'bar' }, button, element('span', { className: 'hint' }, 'Ctrl+Enter')))
  byId('inputs').addEventListener('submit', runForm)
  byId('results').append(element('p', { className: 'empty' }, 'Outputs show here after a run.'))
}

async function runForm(event) {
  event.preventDefault()
  if (running) return
  const results = byId('results')
  const printed = element('pre', { className: 'printed', hidden: true })
  results.replaceChildren(element('h2', {}, 'Outputs'), printed)
  const finished = await run(await values(), { printed: (piece) => addPrinted(printed, piece) })
  const shown = Object.entries(finished.outputs).map(([name, value]) => output(name, value))
  const metrics = Object.entries(finished.metrics ?? {}).map(([name, value]) => output(`metric ${name}`, value))
  results.replaceChildren(element('h2', {}, 'Outputs'), failure(finished), ...shown, ...metrics, facts(finished), printed)
}

function output(name, value) {
  return element('div', { className: 'output' }, element('h3', {}, name), shownValue(value))
}

function shownValue(value) {
  const url = imageUrl(value)
  if (url) return element('img', { src: url, alt: 'Image' })
  if (Array.isArray(value) && value.some(imageUrl)) return element('div', {}, ...value.map(shownValue))
  const isText = typeof value === 'string'
  return element('pre', { className: isText ? 'value' : 'value code' }, isText ? value : JSON.stringify(value, null, 2))
}

function imageUrl(value) {
  if (value === null || typeof value !== 'object') return null
  const given = value.image_url?.url
  if (given?.startsWith('data:image/')) return given
  const entry = Object.entries(value).find(([key]) => /^data:image\/[^;]*;base64$/.test(key))
  return entry ? `${entry[0]},${entry[1]}` : null
}

function addPrinted(box, { node, text }) {
  box.hidden = false
  box.textContent += `${node ? `[${node}] ` : ''}${text}\n`
  box.scrollTop = box.scrollHeight
}

function failure({ failure: failed }) {
  if (!failed) return ''
  const where = failed.place ? element('span', { className: 'place' }, ` (${failed.place})`) : null
  const sentence = element('p', { className: 'failure', role: 'alert' }, failed.message, where)
  if (!failed.traceback) return sentence
  const trace = element('pre', { className: 'traceback' }, failed.traceback)
  return element('div', {}, sentence, element('details', {}, element('summary', {}, 'Traceback'), trace))
}

function facts({ seconds, tokens }) {
  if (seconds === undefined) return ''
  const parts = [`${seconds.toFixed(seconds < 10 ? 2 : 1)} s`]
  if (tokens) parts.push(`${tokens.toLocaleString('en')} tokens`)
  return element('p', { className: 'facts' }, parts.join(' · '))
}

// Chat --------------------------------------------------------------------------------------------------------------

function showChat() {
  const others = flow.inputs.filter(({ name }) => name !== flow.chat.message && name !== flow.chat.history)
  document.body.classList.toggle('alone', others.length === 0)
  showFields(others, 'Other inputs')
  const composer = byId('composer')
  const frame = element('div', { className: 'frame' }, ...composer.childNodes)
  composer.append(frame)
  composer.hidden = false
  byId('new-chat').hidden = false
  byId('attach').hidden = flow.inputs.find(({ name }) => name === flow.chat.message).type !== 'list'
  byId('file').addEventListener('change', attach)
  composer.addEventListener('submit', send)
  byId('new-chat').addEventListener('click', newChat)
  byId('message').addEventListener('input', fit)
  byId('message').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) send(event)
  })
  newChat()
}

function newChat() {
  if (running) return
  history = []
  byId('results').replaceChildren(element('p', { className: 'empty' }, 'The flow sees every message of this chat. New chat starts afresh.'))
  byId('message').focus()
}

async function attach(event) {
  const [file] = event.target.files
  event.target.value = ''
  if (!file) return
  image = await readImage(file)
  const remove = element('button', { type: 'button', ariaLabel: `Remove ${image.name}` }, 'Remove')
  remove.addEventListener('click', detach)
  byId('attached').replaceChildren(element('span', { className: 'attached-name' }, element('img', { src: image.url, alt: image.name }), remove))
  byId('attached').hidden = false
}

function detach() {
  image = null
  byId('attached').hidden = true
}

function fit() {
  const box = byId('message')
  box.style.height = 'auto'
  box.style.height = `${box.scrollHeight}px`
}

async function send(event) {
  event.preventDefault()
  const text = byId('message').value
  if (running || (!text.trim() && !image)) return
  const message = messageOf(text)
  const shownImage = image
  byId('message').value = ''
  detach()
  fit()
  const results = byId('results')
  if (!history.length) results.querySelector('.empty')?.remove()
  results.append(turn('user', text, shownImage))
  const answer = turn('bot', '')
  const box = answer.querySelector('.text')
  const printed = element('pre', { className: 'printed', hidden: true })
  results.append(answer)
  scrollDown()
  const inputs = { ...(await values()), [flow.chat.message]: message, [flow.chat.history]: history }
  const finished = await run(inputs, {
    piece: (piece) => {
      box.append(piece.text)
      scrollDown()
    },
    printed: (piece) => addPrinted(printed, piece),
  })
  finish(answer, finished, printed, message)
}

function finish(answer, finished, printed, message) {
  const box = answer.querySelector('.text')
  const value = finished.outputs[flow.chat.answer]
  if (finished.failure) {
    box.replaceWith(failure(finished))
  } else {
    if (typeof value === 'string') box.textContent = value
    else box.replaceChildren(shownValue(value))
    history.push({ inputs: { [flow.chat.message]: message }, outputs: finished.outputs })
  }
  answer.append(facts(finished))
  const others = Object.entries(finished.outputs).filter(([name]) => name !== flow.chat.answer)
  if (others.length || !printed.hidden) {
    const more = others.map(([name, item]) => output(name, item))
    answer.append(element('details', {}, element('summary', {}, 'More'), ...more, printed))
  }
  scrollDown()
  byId('message').focus()
}

function messageOf(text) {
  const type = flow.inputs.find(({ name }) => name === flow.chat.message).type
  if (type !== 'list') return text
  const words = flow.messageFormat === 'openai-vision' ? { type: 'text', text } : text
  return [...(text.trim() ? [words] : []), ...(image ? [imageValue(image)] : [])]
}

function turn(who, text, shownImage = null) {
  const label = who === 'user' ? 'You' : 'Flow'
  const picture = shownImage ? element('img', { src: shownImage.url, alt: shownImage.name }) : null
  return element('article', { className: `turn ${who}`, ariaLabel: label }, element('div', { className: 'text' }, text), picture)
}

function scrollDown() {
  byId('results').scrollTop = byId('results').scrollHeight
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && flow && !flow.chat) byId('inputs').requestSubmit()
})
load()
