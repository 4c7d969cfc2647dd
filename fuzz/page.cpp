// The body of a reply of the Search API: a page, or bad_response or bad_record, and nothing that a table cannot hold.
#include <require.hpp>

#include <eucv/europeana/page.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    const auto page = eucv::europeana::parse_page(fuzz::text_of(bytes, size), "https://api.example/search.json");
    for (const auto& item : page.items)
      if (item) fuzz::require(!item->id.empty());
  } catch (const eucv::error& refusal) {
    fuzz::require(refusal.code() == eucv::errc::bad_response || refusal.code() == eucv::errc::bad_record);
  }
  return 0;
}
