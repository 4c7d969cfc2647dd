// A CSV file: a table whose rows are as wide as its head and that is the same when it is written and read again, or
// bad_format.
#include <require.hpp>

#include <eucv/dataset/table.hpp>

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    const auto table = eucv::dataset::parse_table(fuzz::text_of(bytes, size), "input");
    fuzz::require(std::ranges::all_of(table.rows, [&](const auto& row) { return row.size() == table.columns.size(); }));
    fuzz::require(eucv::dataset::parse_table(eucv::dataset::to_csv(table), "output") == table);
  } catch (const eucv::error& refusal) {
    fuzz::require(refusal.code() == eucv::errc::bad_format);
  }
  return 0;
}
