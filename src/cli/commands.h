// The commands that are not the server. Each prints to standard output and gives the process's exit status.
#pragma once

#include "cli/options.h"

namespace cli {

int run(const Env& env);
int run(const Models& models);
int run(const Bench& bench);
int run(const Doctor& doctor);

}  // namespace cli
