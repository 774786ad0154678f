// Leads the connections of a bridge to api.openai.com to the simulator on this machine instead. Loaded before the
// bridge by `node --import`; touches the opening of a connection only, so a frame costs what it costs without it.
import tls from 'node:tls';

const [host, port] = process.env.SOTTO_BENCH_REALTIME.split(':');
const connect = tls.connect;

tls.connect = (options, ...rest) =>
  connect(
    options?.host === 'api.openai.com' ? { ...options, host, port: Number(port), servername: 'localhost' } : options,
    ...rest,
  );
