<?php
// Fill WordPress by its own functions.
require getenv('WP_ROOT') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/taxonomy.php';
remove_action('init', 'wp_cron');
$author = wp_insert_user(['user_login' => 'lena', 'user_pass' => 'x', 'display_name' => 'Léna Q. & Co',
    'user_email' => 'lena@example.org', 'role' => 'author']);
$roads = wp_create_category('Roads & bridges');

function add_post($title, $status, $more = []) {
    global $author, $roads;
    $text = "The first paragraph of a letter about roads, bridges and the people who use them.\n\nThe second one.";
    $id = wp_insert_post(wp_slash($more + ['post_title' => $title, 'post_status' => $status, 'post_author' => $author,
        'post_content' => $text, 'post_category' => [$roads], 'post_date' => '2019-03-01 08:00:00']), true);
    if (is_wp_error($id)) { fwrite(STDERR, $id->get_error_message()); exit(1); }
    return $id;
}

function add_comment($post, $text, $more = []) {
    static $minute = 0;
    $minute += 1;
    $local = gmdate('Y-m-d H:i:s', gmmktime(9, 15 + $minute, 0, 3, 2, 2019));
    // A visitor's comment passes these filters. Without them, the “&” of an address breaks WordPress's own export.
    return wp_insert_comment(wp_filter_comment(wp_slash($more + ['comment_post_ID' => $post, 'comment_author' => 'Petra',
        'comment_author_email' => 'petra@example.org', 'comment_author_url' => 'https://petra.example/?a=1&b=2',
        'comment_author_IP' => '192.0.2.7', 'comment_content' => $text, 'comment_approved' => 1,
        'comment_date' => $local, 'comment_date_gmt' => get_gmt_from_date($local), 'comment_type' => 'comment', 'comment_agent' => '', 'comment_parent' => 0])));
}

$public = add_post('On 5 & more “signs” <em>set</em>', 'publish');
$top = add_comment($public, 'A first comment.');
$second = add_comment($public, "Two paragraphs.\r\n\r\nThe second, with a line\r\nbreak.", ['comment_parent' => $top]);
$third = add_comment($public, 'Deeper <strong>still</strong>, with <a href="https://example.org/?a=1&amp;b=2" rel="nofollow">a link</a>.', ['comment_parent' => $second]);
add_comment($public, 'And deeper.', ['comment_parent' => $third, 'comment_author' => "O'Neil &amp; Søn", 'comment_author_email' => '']);
$held = add_comment($public, 'It waits.', ['comment_approved' => 0, 'comment_parent' => $top]);
add_comment($public, 'An answer to a waiting one.', ['comment_parent' => $held]);
$spam = add_comment($public, 'Cheap pills.', ['comment_approved' => 'spam']);
add_comment($public, 'An answer to spam.', ['comment_parent' => $spam]);
$trash = add_comment($public, 'It goes to the trash.');
add_comment($public, 'An answer to one in the trash.', ['comment_parent' => $trash]);
wp_trash_comment($trash);
$gone = add_comment($public, 'It is deleted for good.');
$orphan = add_comment($public, 'An answer to a deleted one.', ['comment_parent' => $gone]);
$GLOBALS['wpdb']->delete($GLOBALS['wpdb']->comments, ['comment_ID' => $gone]); // wp_delete_comment() would move the answer up
foreach (['pingback', 'trackback', 'review'] as $type) {
    add_comment($public, '[…] an excerpt […]', ['comment_type' => $type, 'comment_author' => 'Another site']);
}
foreach (['سؤال عن الطريق إلى القرية', '道を直すのは誰ですか。', 'हिन्दी में एक टिप्पणी', '👍🏽 fine', 'Ångström – naïve',
    '&lt;b&gt; shows itself, &amp;amp; too', '1. Not a list 2 * 3 * 4 = 24', '# No heading', '> no quote?',
    '<blockquote>Quoted words</blockquote>An answer', '<code>a_b_c</code> and snake_case_name', '[text](address)',
    "<ul><li>One</li><li>Two</li></ul>", 'https://example.org/a_b_c?x=1&y=2 is the address', ']]> ends a section',
    'A smile :-) and a rocket &#128640;', "Tab\tand  two spaces", 'C:\\new\\table \\0', '50% of 10$ = `5`'] as $text) {
    add_comment($public, $text, ['comment_author' => 'Автор ' . mb_substr($text, 0, 1)]);
}
add_comment($public, 'By a user.', ['user_id' => $author, 'comment_author' => 'Léna Q. & Co', 'comment_author_email' => 'lena@example.org']);
add_comment($public, 'At the end of a year.', ['comment_date' => '2020-01-01 02:00:00', 'comment_date_gmt' => '2019-12-31 20:15:00']);
add_comment($public, 'Before 1970.', ['comment_date' => '1969-07-20 20:17:40', 'comment_date_gmt' => '1969-07-20 14:32:40']);
add_comment($public, 'Without a date.', ['comment_date' => '0000-00-00 00:00:00', 'comment_date_gmt' => '0000-00-00 00:00:00']);
add_comment($public, 'A state of a plug-in.', ['comment_approved' => 'awaiting-review']);
add_comment($public, 'Without a name.', ['comment_author' => '', 'comment_author_email' => '']);
add_comment($public, str_repeat('Long words and more of them. ', 600));
add_comment($public, 'A long name.', ['comment_author' => str_repeat('Maria ', 35)]);

foreach (['draft', 'private', 'pending'] as $status) {
    $post = add_post("A $status post", $status);
    add_comment($post, "On a $status post.");
    add_comment($post, "Waits on a $status post.", ['comment_approved' => 0]);
}
$closed = add_post('Behind a password', 'publish', ['post_password' => 'open sesame']);
$first = add_comment($closed, 'Behind the password.');
add_comment($closed, 'An answer there.', ['comment_parent' => $first]);
$other = add_post('Another post', 'publish');
add_comment($other, 'An answer to a comment of another post.', ['comment_parent' => $top]);
$binned = add_post('In the trash', 'publish');
add_comment($binned, 'On a post that goes to the trash.');
wp_trash_post($binned);
$page = add_post('About', 'publish', ['post_type' => 'page']);
add_comment($page, 'On a page.');
add_post('Contact & imprint', 'publish', ['post_type' => 'page']);
add_post('A page to come', 'draft', ['post_type' => 'page']);
$picture = wp_insert_attachment(['post_title' => 'A picture', 'post_mime_type' => 'image/png', 'post_status' => 'inherit'], 'a.png', $public);
add_comment($picture, 'On a picture.');
add_post('Without comments', 'publish');
add_post('日本語の題', 'publish');
