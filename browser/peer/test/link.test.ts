/** Links: what they say, and what is told of those that cannot be used. No browser is needed. */
import { expect } from 'chai'
import { multiaddr } from '@multiformats/multiaddr'
import { announced } from '../announced.ts'
import { readLink, writeLink } from '../link.ts'
import type { EntryError } from '../entry-error.ts'

const ID = '12D3KooWEYfYbZYFN4EJWkys6sQ1eHjs6ATfUmMZsERTTZf9TtTy'
const OTHER = '12D3KooWMX1DMY3YbP8vUNg4tYBvPCgaboXXtCFznLtY21W7XgYt'
const WS = `/ip4/192.0.2.7/tcp/4001/ws/p2p/${ID}`

const fault = (hash: string): Pick<EntryError, 'code' | 'message'> => {
  try {
    readLink(hash, [])
  } catch (error) {
    const { code, message } = error as EntryError
    return { code, message }
  }
  throw new Error('it was read')
}

describe('links', () => {
  it('say what was written', () => {
    const link = { addrs: [WS, `/dns4/example.org/tcp/443/wss/p2p/${ID}`], name: 'Prime & friends', stun: ['stun:stun.example.org:3478'], invitation: 'mfi1hFgg-_x' }
    const url = writeLink('https://example.org/volunteer/#old', link)
    expect(url).to.match(/^https:\/\/example\.org\/volunteer\/#v=1&peer=\/ip4\/192\.0\.2\.7/)
    expect(readLink(new URL(url).hash, [])).to.deep.equal(link)
  })

  it('are not needed where a peer serves the page', () => {
    expect(readLink('', [WS])).to.deep.equal({ addrs: [WS] })
    expect(readLink(`#peer=${WS}`, ['/ip4/192.0.2.9/tcp/1/ws/p2p/x'])).to.deep.equal({ addrs: [WS] })
  })

  it('that cannot be used are told in one sentence', () => {
    expect(fault('')).to.deep.equal({ code: 'bad-address', message: 'This link names no peer to enter a mesh by.' })
    expect(fault('#peer=nonsense').code).to.equal('bad-address')
    expect(fault('#peer=/ip4/192.0.2.7/tcp/4001/ws').message).to.match(/names no peer/)
    expect(fault(`#peer=/ip4/192.0.2.7/tcp/4001/p2p/${ID}`).message).to.match(/not one that browsers can dial/)
    expect(fault(`#v=2&peer=${WS}`)).to.deep.equal({ code: 'other-version', message: 'This link is for version 2 of the protocol, and this page speaks version 1.' })
    expect(fault(`#peer=${WS}&invitation=nonsense`)).to.deep.equal({ code: 'bad-invitation', message: 'The link\'s invitation is none, or a part of it is missing.' })
    expect(fault(`#peer=${WS}&stun=https://example.org`).message).to.match(/STUN server that is none/)
  })
})

describe('a tab\'s addresses', () => {
  const told = (...addrs: string[]): string[] => announced(addrs.map((addr) => multiaddr(addr))).map(String)

  it('are one way to each relay, direct connections first', () => {
    const relay = (way: string): string => `${way}/p2p/${ID}/p2p-circuit`
    const [ws, tcp, rtc] = ['/ip4/192.0.2.7/tcp/1/ws', '/ip4/192.0.2.7/tcp/2', '/ip4/192.0.2.7/udp/3/webrtc-direct'].map(relay) as [string, string, string]
    expect(told(tcp, rtc, `${tcp}/webrtc`, ws, `${ws}/webrtc`, `${rtc}/webrtc`)).to.deep.equal([`${ws}/webrtc`, ws])
    const second = `/ip4/192.0.2.9/tcp/1/ws/p2p/${OTHER}/p2p-circuit`
    expect(told(`${second}/webrtc`, ws)).to.deep.equal([`${second}/webrtc`, ws])
  })

  it('name a relay on this machine only where there is no other way to it', () => {
    const local = `/ip4/127.0.0.1/tcp/1/ws/p2p/${ID}/p2p-circuit`
    const far = `/ip4/192.0.2.7/tcp/1/p2p/${ID}/p2p-circuit`
    expect(told(local)).to.deep.equal([local])
    expect(told(local, far)).to.deep.equal([far])
  })

  it('are none without a relay', () => {
    expect(told('/ip4/192.0.2.7/tcp/1/ws')).to.deep.equal([])
  })
})
