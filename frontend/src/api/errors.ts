/** The studio's answer to a request it refused: RFC 9457 problem details. */
export interface Problem {
  status: number
  title: string
  detail: string
  code: string
  file?: string | null
  line?: number | null
  [key: string]: unknown
}

export class ApiError extends Error {
  override name = 'ApiError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.problem = problem
  }

  get status(): number {
    return this.problem.status
  }

  get code(): string {
    return this.problem.code
  }

  /** `file:line` the problem is about, or null. */
  get place(): string | null {
    const { file, line } = this.problem
    if (!file) return null
    return line ? `${file}:${line}` : file
  }
}

/** The error for an answer that is not 2xx, whatever its body. */
export async function errorFrom(response: Response): Promise<ApiError> {
  return errorFromText(response.status, response.statusText, await response.text().catch(() => ''))
}

export function errorFromText(status: number, statusText: string, text: string): ApiError {
  const fallback: Problem = {
    status,
    title: statusText || `Error ${status}`,
    detail: `The studio answered ${status}${statusText ? ` (${statusText})` : ''}.`,
    code: 'unknown',
  }
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null) return new ApiError({ ...fallback, ...body, status })
  } catch {
    // Not JSON: a proxy in between has answered.
  }
  return new ApiError(fallback)
}

/** Part of the page itself could not be fetched; only loading the page anew helps. */
export function isMissingCode(error: unknown): boolean {
  return (
    error instanceof Error && /dynamically imported module|Unable to preload|Importing a module/.test(error.message)
  )
}

/** One sentence for people. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) return error.message
  if (isMissingCode(error))
    return 'Its code could not be fetched: the studio has stopped, or has been updated meanwhile.'
  if (error instanceof TypeError) return 'The studio cannot be reached. Is it still running?'
  if (error instanceof Error) return error.message
  return String(error)
}
