#include "program/table_text.hpp"

#include <doctest/doctest.h>

#include <sstream>

TEST_CASE("columns are as wide as their widest cell, numbers stand on the right, lines end without blanks") {
  program::aligned_table table({"class", ">pictures", "note"});
  table.add({"map", "7", ""});
  table.add({"bâtiment", "1250", "old"});
  std::ostringstream text;
  text << table;
  CHECK(text.str() == "class     pictures  note\n"
                      "map              7\n"
                      "bâtiment      1250  old\n");
}

TEST_CASE("counts agree with their nouns") {
  CHECK(program::counted(1, "picture") == "1 picture");
  CHECK(program::counted(0, "picture") == "0 pictures");
  CHECK(program::counted(4, "class", "classes") == "4 classes");
  CHECK(program::fixed(0.98765) == "0.988");
  CHECK(program::fixed(12, 0) == "12");
}
