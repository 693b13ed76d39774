/// <reference types="vite/client" />

import 'react'

declare module 'react' {
  interface InputHTMLAttributes<T> {
    /** Makes a file input ask for a folder. */
    webkitdirectory?: string
  }
}
