// Writes a report on made-up facts, for tests/report/check_page.py: write_report FILE
#include <support/report_facts.hpp>

#include <eucv/core/file.hpp>
#include <eucv/report/page.hpp>

#include <filesystem>

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::filesystem::path file(arguments[1]);
  eucv::make_folder(file.parent_path());
  eucv::write_file_atomically(file, eucv::report::page(test::report_facts(13)));
  return 0;
}
