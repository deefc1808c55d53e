// The list of licences that the build writes (src/cli/licences.ts).
declare module 'virtual:licences' {
  const licences: {
    packages: { name: string; version: string; licence: string /** index into texts */; text: number | null }[];
    texts: string[];
  };
  export default licences;
}
