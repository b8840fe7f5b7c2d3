/** Programs that build an image of a Dockerfile. */
export type Builder = {
  readonly program: string;
  /** Ends with 0 where it can build: a client alone cannot. */
  readonly probe: readonly string[];
  /** Its arguments; `epoch`: time of the files, in seconds since 1970. */
  readonly build: (name: string, epoch: string) => readonly string[];
};

const withArgument = (name: string, epoch: string): readonly string[] => [
  'build',
  `--build-arg=SOURCE_DATE_EPOCH=${epoch}`,
  `--tag=${name}`,
  '.',
];

/** Those without a daemon take the time as an option, too, and give it to the whole image. */
const withTimestamp = (name: string, epoch: string): readonly string[] => {
  const [build = '', ...rest] = withArgument(name, epoch);
  return [build, `--timestamp=${epoch}`, ...rest];
};

const BUILDERS: readonly Builder[] = [
  { program: 'docker', probe: ['info'], build: withArgument },
  { program: 'podman', probe: ['info'], build: withTimestamp },
  { program: 'buildah', probe: ['info'], build: withTimestamp },
  { program: 'nerdctl', probe: ['info'], build: withArgument },
];

/** The first that works, or a sentence that says what to do. `works`: whether a command ends well. */
export function chooseBuilder(
  works: (program: string, args: readonly string[]) => boolean,
): Builder | { readonly missing: string } {
  const found = BUILDERS.find(({ program, probe }) => works(program, probe));
  const names = BUILDERS.map(({ program }) => program).join(', ');
  return (
    found ?? {
      missing: `No image builder works here (${names}). Start or install one, or lay the image out as files: make image-rootfs DIR=FOLDER`,
    }
  );
}
