import { expect, it } from 'vitest';
import { isNearby, ownServers } from './connections.ts';

it('knows the addresses of this machine and of private networks by their names', () => {
  for (const { baseUrl } of ownServers) expect(isNearby(baseUrl)).toBe(true);
  for (const url of [
    'http://localhost/v1',
    'http://[::1]:8000',
    'http://192.168.1.9/v1',
    'http://172.20.0.2',
    'http://box.local',
    'http://[fd00::1]/',
  ])
    expect(isNearby(url)).toBe(true);
  for (const url of ['https://api.openai.com/v1', 'http://172.32.0.1', 'http://11.0.0.1', 'https://10.example.com', 'half typed', ''])
    expect(isNearby(url)).toBe(url === 'https://10.example.com');
});
