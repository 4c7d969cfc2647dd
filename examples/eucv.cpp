// The program eucv: each command is a thin call of the library, in a file of its own under program/.
#include "program/program.hpp"

int main(int count, char** arguments) {
  return static_cast<int>(program::run_command({arguments + 1, arguments + count}));
}
