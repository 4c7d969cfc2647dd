#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/dataset/labelled_file.hpp>
#include <eucv/image/decode_options.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace eucv::dataset {

/// The file of a folder of shards that lists them. It is written last: without it the shards are not complete.
inline constexpr const char* shard_index = "shards.json";

/// Options of write_shards().
struct shard_options {
  std::size_t per_shard = 1000; ///< pictures a shard
  image::decode_limits limits{};
  progress_sink progress = {}; ///< done and total count pictures
  std::stop_token stop = {};   ///< when it asks for the end, errc::interrupted is thrown after the shard at hand
};

/// Counts of a run of write_shards().
struct shard_summary {
  std::size_t shards = 0, pictures = 0;
  std::size_t kept = 0;                         ///< shards that an earlier run had written
  std::map<std::string, std::size_t> reasons{}; ///< pictures that this run passed over, by error::reason()
};

/// Writes pictures as WebDataset shards: `folder`/000000.tar and so on, of `per_shard` pictures each, for readers that
/// go through them from front to back. A picture is three entries: 000000.jpg, or what else its format's files end
/// with, its bytes as they are; .cls, the place of its class among the labels; .json, {"label", "group", "file",
/// "sha256"} and what `about` gives for its file.
///
/// Number N of a picture is its place in `pictures`. One that cannot be read, or that the gate refuses, is passed over.
/// The same pictures make the same bytes. Each shard comes to be by `.part`, fsync and rename: after a kill the same
/// call goes on, and ends with the bytes of an unbroken run. Throws invalid_argument for a per_shard of 0, and where
/// the folder was begun with other pictures or another size; in_use; file_error().
shard_summary write_shards(const image_folder& pictures, const std::filesystem::path& folder,
                           const shard_options& options = {},
                           const std::map<std::filesystem::path, std::map<std::string, std::string>>& about = {});

/// The pictures of a folder that write_shards() wrote, for `batches` and all else that takes labelled files: they are
/// read from the shards, without unpacking. Throws bad_format for what is no such folder, whole, and as read_tar().
[[nodiscard]] image_folder read_shards(const std::filesystem::path& folder);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <eucv/core/digest.hpp>
#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/dataset/tar.hpp>
#include <eucv/image/formats.hpp>
#include <eucv/image/gate.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace eucv::dataset {
namespace detail {

static std::string six_digits(std::size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%06zu", number);
  return text;
}

// One run of write_shards().
class shard_writer {
public:
  using facts = std::map<std::filesystem::path, std::map<std::string, std::string>>;

  shard_writer(const image_folder& pictures, const std::filesystem::path& folder, const shard_options& options,
               const facts& about)
      : pictures_(pictures), folder_(folder), options_(options), about_(about) {}

  shard_summary run() {
    if (options_.per_shard == 0) throw refuse("a shard of 0 pictures holds none", "choose at least 1");
    make_folder(folder_);
    const folder_lock lock(folder_);
    begin();
    const std::size_t total = pictures_.files.size();
    const std::size_t count = (total + options_.per_shard - 1) / options_.per_shard;
    std::string list;
    for (std::size_t number = 0; number < count; ++number) {
      if (options_.stop.stop_requested())
        throw error(errc::interrupted,
                    {"write the shards", folder_.string(), "asked to stop", "do the same again to go on"});
      const auto path = folder_ / (six_digits(number) + ".tar");
      const std::size_t first = number * options_.per_shard, last = std::min(first + options_.per_shard, total);
      std::error_code ignored;
      if (std::filesystem::exists(path, ignored))
        ++summary_.kept;
      else
        write_shard(path, first, last);
      const std::size_t held = read_tar(path, options_.limits.bytes).size() / 3;
      summary_.pictures += held;
      list += (number == 0 ? "\n    " : ",\n    ") + std::string("{\"file\": ") +
              json_string(path.filename().string()) + ", \"pictures\": " + std::to_string(held) + ", \"sha256\": \"" +
              digest_of(path) + "\"}";
      if (options_.progress) options_.progress({"shards", last, total, ""});
    }
    summary_.shards = count;
    std::string labels;
    for (const auto& label : pictures_.labels) labels += (labels.empty() ? "" : ", ") + json_string(label);
    const std::string index = "{\n  \"version\": 1,\n  \"per_shard\": " + std::to_string(options_.per_shard) +
                              ",\n  \"pictures\": " + std::to_string(summary_.pictures) + ",\n  \"labels\": [" +
                              labels + "],\n  \"shards\": [" + list + "\n  ]\n}\n";
    write_file_atomically(folder_ / shard_index, index);
    return summary_;
  }

private:
  [[nodiscard]] error refuse(const std::string& why, const std::string& advice) const {
    return {errc::invalid_argument, {"write the shards", folder_.string(), why, advice}};
  }

  // Shards that are there already must be of the same pictures.
  void begin() {
    sha256 digest;
    for (const auto& label : pictures_.labels) digest.update(label + "\n");
    for (const auto& each : pictures_.files)
      digest.update(std::to_string(each.label) + ' ' + name_of(each) + ' ' + each.group + ' ' +
                    std::to_string(stored_size(each)) + '\n');
    const std::string wanted = "{\"version\":1,\"per_shard\":" + std::to_string(options_.per_shard) +
                               ",\"pictures\":\"" + digest.text() + "\"}\n";
    const auto settings = folder_ / ".shards.json";
    if (std::filesystem::exists(settings) && read_file(settings) != wanted)
      throw refuse("it was begun with other pictures, or another number a shard",
                   "give the same as before, or another folder");
    if (!std::filesystem::exists(settings)) write_file_atomically(settings, wanted);
  }

  static std::string name_of(const labelled_file& each) {
    return each.file.parent_path().filename().string() + "/" + each.file.filename().string();
  }

  void write_shard(const std::filesystem::path& path, std::size_t first, std::size_t last) {
    std::filesystem::path part = path;
    part += ".part";
    try {
      file output(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
      for (std::size_t i = first; i < last; ++i) write_sample(output, i);
      output.write(tar_end());
      output.sync();
      if (::rename(part.c_str(), path.c_str()) != 0) throw file_error("rename to", path, errno);
    } catch (const error&) {
      ::unlink(part.c_str());
      throw;
    }
    sync_folder(folder_);
  }

  void write_sample(file& output, std::size_t number) {
    const labelled_file& each = pictures_.files[number];
    std::string bytes;
    try {
      bytes = read_bytes(each, options_.limits.bytes);
    } catch (const error& failure) { // of this file alone; the disk's failures come back when writing
      ++summary_.reasons[failure.reason()];
      return;
    }
    const auto found = image::inspect(bytes, options_.limits);
    if (!found) {
      ++summary_.reasons[found.error().reason()];
      return;
    }
    std::string known = "{\"label\": " + json_string(pictures_.labels[each.label]) +
                        ", \"group\": " + json_string(each.group) + ", \"file\": " + json_string(name_of(each)) +
                        ", \"sha256\": \"" + sha256_text(bytes) + "\"";
    if (const auto more = about_.find(each.file); more != about_.end())
      for (const auto& [name, value] : more->second) known += ", " + json_string(name) + ": " + json_string(value);
    const std::string key = six_digits(number);
    const auto write = [&](const std::string& name, std::string_view content) {
      output.write(tar_header(name, content.size()));
      output.write(content);
      output.write(tar_padding(content.size()));
    };
    write(key + std::string(found->kind->endings[0]), bytes);
    write(key + ".cls", std::to_string(each.label));
    write(key + ".json", known + "}\n");
  }

  static std::string digest_of(const std::filesystem::path& path) {
    file input(path, O_RDONLY);
    std::string piece(1 << 20, '\0');
    sha256 digest;
    while (const std::size_t count = input.read(piece)) digest.update(std::string_view(piece).substr(0, count));
    return digest.text();
  }

  const image_folder& pictures_;
  const std::filesystem::path& folder_;
  const shard_options& options_;
  const facts& about_;
  shard_summary summary_;
};

static error shard_error(const std::filesystem::path& on, std::string why) {
  return {errc::bad_format,
          {"read the shards", on.string(), std::move(why), "write the shards anew, or get them again"}};
}

// The three entries of one picture.
static labelled_file sample_of(const std::filesystem::path& shard, const tar_entry* entries,
                               const std::vector<std::string>& labels) {
  const std::string key = entries[0].name.substr(0, entries[0].name.find('.'));
  const auto* const format = image::format_by_ending(entries[0].name);
  if (format == nullptr || entries[0].name.substr(key.size()) != format->endings[0] ||
      entries[1].name != key + ".cls" || entries[2].name != key + ".json")
    throw shard_error(shard, entries[0].name + " is not followed by its class and its facts");
  if (entries[0].size == 0) throw shard_error(shard, entries[0].name + " is empty");
  const auto text = [&](const tar_entry& entry) {
    return read_file_part(shard, {entry.offset, entry.size}, std::uint64_t{1} << 20);
  };
  const std::string place = text(entries[1]);
  const bool is_number = !place.empty() && place.size() < 10 && place.find_first_not_of("0123456789") == place.npos;
  labelled_file made;
  made.label = is_number ? static_cast<std::size_t>(std::atol(place.c_str())) : labels.size();
  if (made.label >= labels.size()) throw shard_error(shard, entries[1].name + " names no class");
  const std::string on = (shard / entries[2].name).string();
  const boost::json::value facts = parse_json(text(entries[2]), on);
  const auto* const group = facts.is_object() ? facts.get_object().if_contains("group") : nullptr;
  if (group == nullptr || !group->is_string()) throw shard_error(on, "it holds no group");
  made.group.assign(group->get_string().data(), group->get_string().size());
  made.file = shard / entries[0].name;
  made.offset = entries[0].offset;
  made.size = entries[0].size;
  return made;
}

} // namespace detail

shard_summary write_shards(const image_folder& pictures, const std::filesystem::path& folder,
                           const shard_options& options,
                           const std::map<std::filesystem::path, std::map<std::string, std::string>>& about) {
  return detail::shard_writer(pictures, folder, options, about).run();
}

image_folder read_shards(const std::filesystem::path& folder) {
  const auto index = folder / shard_index;
  const boost::json::value document = parse_json(read_file(index, std::uint64_t{1} << 26), index.string());
  const auto list = [&](const char* name) -> const boost::json::array& {
    const auto* const found = document.is_object() ? document.get_object().if_contains(name) : nullptr;
    if (found == nullptr || !found->is_array()) throw detail::shard_error(index, std::string("it has no list ") + name);
    return found->get_array();
  };
  image_folder result;
  for (const auto& label : list("labels")) {
    if (!label.is_string()) throw detail::shard_error(index, "a label is no text");
    result.labels.emplace_back(label.get_string().data(), label.get_string().size());
  }
  if (!std::is_sorted(result.labels.begin(), result.labels.end()) || result.labels.empty())
    throw detail::shard_error(index, "its labels are not in order");
  for (std::size_t number = 0; number < list("shards").size(); ++number) {
    const auto shard = folder / (detail::six_digits(number) + ".tar");
    const auto entries = read_tar(shard, image::decode_limits{}.bytes);
    if (entries.size() % 3 != 0) throw detail::shard_error(shard, "its entries are not three a picture");
    for (std::size_t i = 0; i < entries.size(); i += 3)
      result.files.push_back(detail::sample_of(shard, &entries[i], result.labels));
  }
  for (std::size_t label = 0; label < result.labels.size(); ++label)
    if (std::none_of(result.files.begin(), result.files.end(), [&](const auto& each) { return each.label == label; }))
      throw error(errc::empty_class, {"read the shards", folder.string(),
                                      "the class \"" + result.labels[label] + "\" has no picture", "write them anew"});
  return result;
}

} // namespace eucv::dataset
#endif
