#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace eucv {

/// The kind of a failure, to branch on. The words of to_string() are stable: tables and scripts store them.
enum class errc {
  // the caller and the machine
  invalid_argument = 1, ///< A parameter or option has a value that the function does not take.
  interrupted,          ///< Stopped by Ctrl-C, SIGTERM or a stop token, after the state was saved.
  not_found,            ///< A file, folder, label or key that was named does not exist.
  permission_denied,    ///< The file system refused access to a file or folder.
  disk_full,            ///< No space, or no quota, is left for what had to be written.
  io,                   ///< Any other failure to open, read, write or rename a file.
  bad_format,           ///< A file is not what its format says: JSON, CSV, safetensors, model folder.
  in_use,               ///< Another process works on the same table or folder at this moment.
  wrong_version,        ///< A file was written by a version of eucv that this one does not read.

  // addresses and connections
  bad_url, ///< An address that is no http or https URL, holds user info or control characters, or names a blocked port.
  private_address,    ///< A host that resolves to an address which is not public, while only public ones are allowed.
  dns,                ///< A host name that does not resolve.
  connect_failed,     ///< No address of the host accepted a connection.
  connection_reset,   ///< The peer ended the connection before the reply was complete.
  timeout,            ///< A phase, or the whole request, took longer than its deadline.
  tls,                ///< The TLS handshake failed, or the certificate is not valid for the host.
  http_status,        ///< A status other than 2xx; `error::status()` holds it.
  too_many_redirects, ///< More redirects than allowed.
  bad_redirect,       ///< A redirect without a usable address, or from https to http.
  bad_response,       ///< Bytes that are no HTTP reply, or a reply that contradicts itself.
  truncated,          ///< Fewer bytes than the reply announced.
  too_large,          ///< More bytes than the limit of the request.

  // the Europeana APIs
  no_api_key,      ///< EUROPEANA_API_KEY is not set.
  invalid_api_key, ///< The service does not know, or no longer accepts, the key.
  budget_spent,    ///< The number of requests that the caller allowed is used up.
  rate_limited,    ///< The limit of requests of the key is used up for now.
  bad_query,       ///< The service refused the search itself.
  bad_cursor,      ///< The service refused the cursor mark, or marks came back in a loop.
  api_unavailable, ///< The service, or the search engine behind it, is down or overloaded.
  bad_record,      ///< A reply lacks what its documentation promises.

  // images
  not_an_image,      ///< The bytes begin like no image format that is read here (HTML with status 200, for example).
  unsupported_image, ///< An image of a format or variant that is not read here: GIF, TIFF, arithmetic JPEG.
  corrupt_image,     ///< An image that breaks off or contradicts itself.
  too_many_pixels,   ///< An image whose header announces more pixels than the limit.
  too_many_scans,    ///< A progressive JPEG with more scans than the limit.
  out_of_budget,     ///< Decoding would take more memory than the limit.

  // downloads
  robots_disallowed,  ///< The robots.txt of the host forbids the address.
  robots_unreachable, ///< The robots.txt of the host cannot be read because the host fails: then nothing is allowed.
  robots_tag,         ///< The reply forbids use for machine learning (X-Robots-Tag: noai, noimageai, noml).
  placeholder,        ///< A picture that says "no picture", which the Thumbnail API sends with status 200.

  // data sets
  missing_column,  ///< A table lacks a column that the command needs.
  empty_class,     ///< A class without a picture.
  class_too_small, ///< A class with fewer pictures than the split needs.
  batch_too_large, ///< A batch with more pictures than the data set holds.
  leakage,         ///< One picture, or pictures of one record, in two parts of a split.
  unknown_label,   ///< A label that the model or vocabulary does not hold.

  // networks
  shape_mismatch, ///< A layer got a shape that it cannot take, or a tensor has another shape than the model's.
  missing_tensor, ///< A file of weights lacks a tensor of the model, or holds one that the model has not.
  non_finite,     ///< A loss, gradient or weight became infinite or not a number.
};

/// The stable word of a code, such as "private_address".
[[nodiscard]] constexpr std::string_view to_string(errc code) noexcept {
  switch (code) {
  case errc::invalid_argument: return "invalid_argument";
  case errc::interrupted: return "interrupted";
  case errc::not_found: return "not_found";
  case errc::permission_denied: return "permission_denied";
  case errc::disk_full: return "disk_full";
  case errc::io: return "io";
  case errc::bad_format: return "bad_format";
  case errc::in_use: return "in_use";
  case errc::wrong_version: return "wrong_version";
  case errc::bad_url: return "bad_url";
  case errc::private_address: return "private_address";
  case errc::dns: return "dns";
  case errc::connect_failed: return "connect_failed";
  case errc::connection_reset: return "connection_reset";
  case errc::timeout: return "timeout";
  case errc::tls: return "tls";
  case errc::http_status: return "http_status";
  case errc::too_many_redirects: return "too_many_redirects";
  case errc::bad_redirect: return "bad_redirect";
  case errc::bad_response: return "bad_response";
  case errc::truncated: return "truncated";
  case errc::too_large: return "too_large";
  case errc::no_api_key: return "no_api_key";
  case errc::invalid_api_key: return "invalid_api_key";
  case errc::budget_spent: return "budget_spent";
  case errc::rate_limited: return "rate_limited";
  case errc::bad_query: return "bad_query";
  case errc::bad_cursor: return "bad_cursor";
  case errc::api_unavailable: return "api_unavailable";
  case errc::bad_record: return "bad_record";
  case errc::not_an_image: return "not_an_image";
  case errc::unsupported_image: return "unsupported_image";
  case errc::corrupt_image: return "corrupt_image";
  case errc::too_many_pixels: return "too_many_pixels";
  case errc::too_many_scans: return "too_many_scans";
  case errc::out_of_budget: return "out_of_budget";
  case errc::robots_disallowed: return "robots_disallowed";
  case errc::robots_unreachable: return "robots_unreachable";
  case errc::robots_tag: return "robots_tag";
  case errc::placeholder: return "placeholder";
  case errc::missing_column: return "missing_column";
  case errc::empty_class: return "empty_class";
  case errc::class_too_small: return "class_too_small";
  case errc::batch_too_large: return "batch_too_large";
  case errc::leakage: return "leakage";
  case errc::unknown_label: return "unknown_label";
  case errc::shape_mismatch: return "shape_mismatch";
  case errc::missing_tensor: return "missing_tensor";
  case errc::non_finite: return "non_finite";
  }
  return "unknown";
}

/// The four parts of an error message. Each is a phrase without capital and full stop.
struct error_text {
  std::string tried;  ///< what was tried: "download", "read the table"
  std::string on;     ///< on what: a path, an address, a layer
  std::string why;    ///< why it failed
  std::string advice; ///< what the user can do; may be empty
};

/// The one exception type of eucv. `what()` reads "tried, on: why; advice".
///
/// Functions throw it for a failure that ends a run, and return it in a result<T> for the failure of one item of many.
/// Never holds a secret: keys and header fields are left out of messages.
class error : public std::runtime_error {
public:
  /// An error with that code and message.
  error(errc code, error_text text) : std::runtime_error(join(text)), code_(code), text_(std::move(text)) {}

  /// A refusal by HTTP status; code() is errc::http_status and reason() is "http_404" and the like.
  error(int http_status, error_text text)
      : std::runtime_error(join(text)), code_(errc::http_status), status_(http_status), text_(std::move(text)) {}

  /// The kind of the failure.
  [[nodiscard]] errc code() const noexcept { return code_; }
  /// The HTTP status that caused the error, or 0.
  [[nodiscard]] int status() const noexcept { return status_; }
  /// The four parts of the message.
  [[nodiscard]] const error_text& text() const noexcept { return text_; }

  /// One short stable word: that of the code, or "http_<status>".
  [[nodiscard]] std::string reason() const {
    return code_ == errc::http_status && status_ != 0 ? "http_" + std::to_string(status_)
                                                      : std::string(to_string(code_));
  }

private:
  static std::string join(const error_text& text) {
    std::string line = text.tried;
    if (!text.on.empty()) line += ", " + text.on;
    line += ": " + text.why;
    if (!text.advice.empty()) line += "; " + text.advice;
    return line;
  }

  errc code_;
  int status_ = 0;
  error_text text_;
};

} // namespace eucv
