import { spawn } from 'node:child_process';

/** Opens the page where there is a desktop to open it on; does nothing else, and says nothing, where there is none. */
export function openBrowser(url: string): void {
  const command = commandFor(url);
  if (!command) return;
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

function commandFor(url: string): [string, ...string[]] | undefined {
  const { env, platform } = process;
  if (env.SSH_CONNECTION || env.CI) return undefined;
  if (platform === 'darwin') return ['open', url];
  if (platform === 'win32') return ['cmd', '/c', 'start', '', url];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open', url] : undefined;
}
