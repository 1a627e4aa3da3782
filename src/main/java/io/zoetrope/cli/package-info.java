/// The command line: words come in, exit codes go out (0 done, 1 the job failed, 2 wrong usage or input, 130
/// interrupted).
package io.zoetrope.cli;
