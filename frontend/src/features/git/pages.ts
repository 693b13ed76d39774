/** All of git's pages as one piece of code: what they share among themselves stays out of what every page loads. */
export { FlowGit, FlowGitMain } from './FlowGit'
export { FolderGit } from './FolderGit'
export { GitPage } from './GitPage'
export { GitPanel } from './GitPanel'
