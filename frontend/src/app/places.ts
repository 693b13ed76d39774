/** The rail's links, in order. */
export const places = [
  { to: '/flows', label: 'Flows' },
  { to: '/runs', label: 'Runs' },
  { to: '/endpoints', label: 'Endpoints' },
  { to: '/connections', label: 'Connections' },
  { to: '/files', label: 'Files' },
] as const
