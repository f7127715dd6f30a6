// The executable; all it does is in command_main.cpp.
#include "tools/command.h"

int main(int count, char** words) { return remit::tools::run_command(count, words); }
