// Writes reports on made-up facts, for tests/report/check_page.py: write_report ONE_LABEL.html SEVERAL_LABELS.html
#include <support/report_facts.hpp>

#include <eucv/core/file.hpp>
#include <eucv/report/page.hpp>

#include <filesystem>

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const std::filesystem::path one(arguments[1]), several(arguments[2]);
  eucv::make_folder(one.parent_path());
  eucv::make_folder(several.parent_path());
  eucv::write_file_atomically(one, eucv::report::page(test::report_facts(13)));
  eucv::write_file_atomically(several, eucv::report::page(test::multi_label_report_facts(13)));
  return 0;
}
