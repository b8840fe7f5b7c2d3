/** Where things are mounted, in both containers alike. */

/** The member's volume. */
export const VOLUME_PATH = '/var/lib/etcd';

/** The directory of the gate. Mounted as a whole: a pipe put in place later shows up in both containers. */
export const GATE_FOLDER = '/run/quorate';

/** The named pipe that etcd takes for its configuration file. */
export const GATE_PATH = `${GATE_FOLDER}/etcd.yaml`;

/** Where certificates are mounted, a folder for each side. */
export const TLS_PATH = '/etc/quorate/tls';

/** Where client libraries expect the API server's token and certificate. */
export const API_ACCESS_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Node and the program in our image (see `scripts/image`). */
export const IMAGE_NODE = '/usr/local/bin/node';
export const IMAGE_PROGRAM = '/app/bin/quorate.cjs';
