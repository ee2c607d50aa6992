/** The one part that is used: its types come only with the whole. */
declare module 'systeminformation/lib/battery' {
  /** https://systeminformation.io/battery.html */
  export default function battery(): Promise<{ hasBattery: boolean; acConnected: boolean }>;
}
